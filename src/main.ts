/** The process: arguments, environment, signals and the exit code. Runs when imported; it alone may end the process. */

import { readFileSync } from 'node:fs'
import packageJson from '../package.json' with { type: 'json' }
import { limitAllocator } from './cli/memory-allocation.ts'

limitAllocator(process)

/** How long what is still open may take to close after a stop. */
const lingerMs = 500

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second signal means now.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}
// A reader that closes the pipe early (head, less) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  // Nothing is loaded twice when the process starts again.
  const { runCommandLine } = await import('./cli/commands.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    version: packageJson.version,
    env: process.env,
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    readFile: (path) => readFileSync(path, 'utf8'),
    signal: stop.signal,
    onHangup: (reload) => process.on('SIGHUP', reload),
  })
} catch (error) {
  process.stderr.write(`kube-state-otlp: unexpected failure, please report it: ${(error as Error).stack ?? error}\n`)
  process.exitCode = 1
}
// After a stop everything is done: hanging plugins and calls are not waited for.
if (stop.signal.aborted) setTimeout(() => process.exit(), lingerMs).unref()
