/** How the C library allocates memory for this process. */

import { accessSync, constants } from 'node:fs'
import { basename } from 'node:path'

/**
 * Settings of glibc: one arena for all threads, and blocks of 128 KiB or more that return to the system when they are freed.
 * Otherwise what a list or a compiler of V8 took for a moment stays with the process (docs/performance.md).
 */
const settings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/** Says that this is the second start: glibc removes its settings from the environment of a program with capabilities of its own. */
const secondStart = 'ALLOCATOR_OF_KUBE_STATE_OTLP'

/** Commands that run until a signal; without a command it is `run`. */
const lastingCommands = ['run', 'demo']

/** What of `process` decides, and `execve` itself, which does not return. */
export type StartedProcess = Pick<
  NodeJS.Process,
  'argv' | 'connected' | 'env' | 'execArgv' | 'execPath' | 'platform'
> & {
  readonly execve?: NodeJS.Process['execve'] | undefined
}

/**
 * glibc reads its settings once, before any of our code runs. A command that lasts is therefore started again in the same process,
 * with the settings in its environment; process ID, arguments and standard streams stay. It is not started again when one of the
 * variables is set, when something would be lost, and on systems without `execve`.
 */
export function limitAllocator(process: StartedProcess): void {
  const { env, execArgv, execPath, execve, argv } = process
  const isSecondStart = env[secondStart] !== undefined
  delete env[secondStart]
  if (isSecondStart || execve === undefined || !isOfUse(process) || losesSomething(process)) return
  try {
    // A failure of the system call itself would end the process.
    accessSync(execPath, constants.X_OK)
    execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...settings, [secondStart]: '1' })
  } catch {
    // The permission model of Node.js refuses it. Only memory depends on it.
  }
}

function isOfUse({ argv: [, , word], env, platform }: StartedProcess): boolean {
  const isLasting = word === undefined || word.startsWith('-') || lastingCommands.includes(word)
  return platform === 'linux' && isLasting && Object.keys(settings).every((name) => env[name] === undefined)
}

/** A channel to the parent, a debugger that is attached, and open files that a path names: Node.js passes on standard streams alone. */
function losesSomething({ argv, connected, env, execArgv, execPath }: StartedProcess): boolean {
  const words = [...argv, ...Object.values(env)]
  return (
    connected ||
    [...execArgv, env.NODE_OPTIONS ?? ''].some((options) => options.includes('--inspect')) ||
    words.some((word) => word !== undefined && /\/(dev|proc\/[^/]+)\/fd\//.test(word)) ||
    // The dynamic linker, which was given the program as an argument.
    /^ld[-.]/.test(basename(execPath))
  )
}
