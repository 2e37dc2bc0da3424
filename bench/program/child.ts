/** A part of a benchmark as a process of its own that answers messages in order. */

import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child<Started> {
  readonly pid: number
  /** What it sent once it was ready. */
  readonly started: Started
  /** Sends a message and resolves with the answer. One at a time. Rejects if the process ends before it. */
  ask<Answer>(message: unknown): Promise<Answer>
  stop(): Promise<void>
}

/** Rejects if the process ends before it is ready. */
export async function startChild<Started>(file: string, args: readonly string[] = []): Promise<Child<Started>> {
  const child = fork(file, args)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} has ended (${code})`)
  })
  ended.catch(() => {})
  const nextMessage = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  return {
    pid: child.pid ?? 0,
    started: (await nextMessage()) as Started,
    async ask<Answer>(message: unknown) {
      const answered = nextMessage()
      child.send(message as object)
      return (await answered) as Answer
    },
    async stop() {
      if (child.connected) child.disconnect()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
