/** Programs that a test has started end with the process of the test, whatever ends that. */

import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

process.on('exit', killAll)
process.once('SIGTERM', () => {
  killAll()
  process.exit(143)
})
// The runner of the tests has ended.
process.on('disconnect', killAll)

/** Kills the program when this process exits or loses the runner of the tests. */
export function endWithThisProcess(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}
