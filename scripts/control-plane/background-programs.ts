/** Programs that stay when the script that started them ends: each with a file of its process id and a log. */

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandLine } from './command-lines.ts'

const stopMs = 10_000
const pollMs = 50

export interface BackgroundPrograms {
  /** Does nothing if it runs. */
  start(name: string, command: CommandLine): void
  /** Waits for the exit; kills it if it takes longer than ten seconds. */
  stop(name: string, signal?: NodeJS.Signals): Promise<void>
  isRunning(name: string): boolean
  pid(name: string): number | undefined
  lastLines(name: string, count?: number): string
}

/** The programs with files in this folder. */
export function backgroundPrograms(folder: string): BackgroundPrograms {
  const pidFile = (name: string) => join(folder, `${name}.pid`)
  const logFile = (name: string) => join(folder, `${name}.log`)
  const pid = (name: string) => {
    const known = existsSync(pidFile(name)) ? Number(readFileSync(pidFile(name), 'utf8')) : undefined
    return known !== undefined && isProcess(known) ? known : undefined
  }
  return {
    pid,
    isRunning: (name) => pid(name) !== undefined,
    start(name, [program, ...flags]) {
      if (pid(name) !== undefined) return
      const log = openSync(logFile(name), 'a')
      const child = spawn(program, flags, { detached: true, stdio: ['ignore', log, log] })
      closeSync(log)
      if (child.pid === undefined) throw new Error(`cannot start ${program}`)
      child.unref()
      writeFileSync(pidFile(name), String(child.pid))
    },
    async stop(name, signal = 'SIGTERM') {
      const running = pid(name)
      if (running !== undefined) await end(running, signal)
      rmSync(pidFile(name), { force: true })
    },
    lastLines: (name, count = 20) =>
      existsSync(logFile(name))
        ? readFileSync(logFile(name), 'utf8').trimEnd().split('\n').slice(-count).join('\n')
        : '',
  }
}

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal)
  const killAtMs = performance.now() + stopMs
  for (let isKilled = false; isProcess(pid); await sleep(pollMs)) {
    if (isKilled || performance.now() < killAtMs) continue
    process.kill(pid, 'SIGKILL')
    isKilled = true
  }
}

/** A process that has ended exists until its parent has read its exit code; where there is /proc, it does not count. */
function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/stat') || stateOf(pid) !== 'Z'
  } catch {
    return false
  }
}

/** A letter, as in proc(5). Throws if the process has ended. */
const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
