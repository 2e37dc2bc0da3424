/** Replaces this process by another Node.js process, or runs it as a child if the host's Node.js cannot. */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'

/**
 * Runs `node args` in place of this process: same standard streams, signals passed on, and the same ending (exit code
 * or signal). Returns only when the node could not be started, with the reason.
 *
 * @param {string} node path of the executable
 * @param {string[]} args its arguments
 * @returns {Promise<Error>}
 */
export async function execNode(node, args) {
  // A true exec leaves no parent behind, and cannot fail politely. Node has it since 22.15, but not on Windows.
  if (process.execve && process.platform !== 'win32' && isExecutable(node))
    process.execve(node, [node, ...args], process.env)
  const child = spawn(node, args, { stdio: 'inherit' })
  forwardSignals(child)
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
  return await new Promise((resolve) => child.on('error', resolve))
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  // A terminal sends Ctrl-C to the whole foreground group: forwarding it too would deliver it twice, which means "at once".
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])) {
    const fromTerminal = signal === 'SIGINT' || signal === 'SIGQUIT'
    process.on(signal, () => {
      if (!(fromTerminal && atTerminal)) child.kill(signal)
    })
  }
}
