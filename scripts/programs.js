/** Runs programs for the other scripts on the same Node.js. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a JavaScript program with the terminal of this one, and waits for it.
 *
 * @param {string[]} args its file, relative to the project, and its arguments
 * @returns {boolean} whether it ended with exit code 0
 */
export function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  return status === 0
}
