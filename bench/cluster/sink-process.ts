/** Starts the receiver as a child process and asks it for its counts. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface SinkReport {
  readonly points: number
  readonly stale: number
  readonly requests: number
  readonly bytes: number
  /** The time of the first arrival of each mark, in milliseconds since 1970. */
  readonly arrivals: readonly (readonly [mark: number, ms: number])[]
}

export interface Sink {
  /** `host:port` */
  readonly grpcAddress: string
  readonly httpAddress: string
  report(): Promise<SinkReport>
  stop(): Promise<void>
}

export async function startSink(): Promise<Sink> {
  const child = fork(join(import.meta.dirname, 'sink.ts'))
  const [addresses] = (await once(child, 'message')) as [Pick<Sink, 'grpcAddress' | 'httpAddress'>]
  return {
    ...addresses,
    async report() {
      const answered = once(child, 'message') as Promise<[SinkReport]>
      child.send('report')
      return (await answered)[0]
    },
    async stop() {
      child.disconnect()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
