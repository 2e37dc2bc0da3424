/** How the C library allocates memory for this process. */

import { accessSync, constants } from 'node:fs'

/**
 * Settings of glibc: one arena for all threads, and blocks of 128 KiB or more that return to the system when they are freed.
 * Otherwise what a list or a compiler of V8 took for a moment stays with the process (docs/performance.md).
 */
const settings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

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
 * with the settings in its environment: same identifier, arguments and standard streams. Where a setting is in the environment
 * already, where the process has a channel to its parent, and without `execve` (Windows), the process goes on as it is.
 */
export function limitAllocator(process: StartedProcess): void {
  const { argv, connected, env, execArgv, execPath, execve, platform } = process
  const isSet = Object.keys(settings).some((name) => env[name] !== undefined)
  if (platform !== 'linux' || execve === undefined || connected || isSet || !isLasting(argv[2])) return
  try {
    // A failure of the system call itself would end the process.
    accessSync(execPath, constants.X_OK)
    execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...settings })
  } catch {
    // The permission model of Node.js refuses it. Only memory depends on it.
  }
}

const isLasting = (word: string | undefined) =>
  word === undefined || word.startsWith('-') || lastingCommands.includes(word)
