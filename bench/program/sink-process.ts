/** Starts the receiver as a child process and asks it for its counts. */

import { join } from 'node:path'
import { startChild } from './child.ts'

export interface SinkReport {
  readonly points: number
  readonly stale: number
  readonly requests: number
  readonly bytes: number
  /** The time of the first arrival of each mark, in milliseconds since 1970. */
  readonly arrivals: readonly (readonly [mark: number, ms: number])[]
  /** Series that are live; undefined if it only counts. */
  readonly live: { readonly series: number; readonly staleOfUnknown: number } | undefined
}

interface SinkAddresses {
  /** `host:port` */
  readonly grpcAddress: string
  readonly httpAddress: string
}

export interface Sink extends SinkAddresses {
  readonly pid: number
  report(): Promise<SinkReport>
  stop(): Promise<void>
}

/** With `live` it keeps the set of live series, which takes about 60 bytes for each. */
export async function startSink(mode: 'count' | 'live' = 'count'): Promise<Sink> {
  const child = await startChild<SinkAddresses>(join(import.meta.dirname, 'sink.ts'), [mode])
  return { ...child.started, pid: child.pid, report: () => child.ask('report'), stop: child.stop }
}
