/** What one leader leaves to the next in the annotations of the Lease. */

import type { Lease } from '../kubernetes/coordination/lease.ts'

/** Unix milliseconds of the last request, in decimal digits. */
const lastTimestamp = 'kube-state-otlp/last-timestamp'

/** Receivers refuse samples that are further ahead of their own clock. */
const maxAheadMs = 600_000

/** The annotations for a Lease. Nothing was sent before the first request: then those of the former leader stay. */
export function handoverOf(lastTimestampMs: number): Readonly<Record<string, string>> {
  return lastTimestampMs === 0 ? {} : { [lastTimestamp]: String(lastTimestampMs) }
}

/**
 * The timestamp that all of ours must exceed, since a receiver refuses samples that are older than what it has, and the
 * former leader's clock may have been ahead. After a crash its last requests are not in the annotation: it may have sent
 * until its renew deadline. A timestamp that no receiver would have taken is ignored.
 */
export function timestampFloor({ holder, annotations }: Lease, renewDeadlineMs: number, wallMs: number): number {
  const published = Number(annotations[lastTimestamp])
  if (!Number.isSafeInteger(published) || published <= 0 || published > wallMs + maxAheadMs) return 0
  const wasReleased = holder === ''
  return wasReleased ? published : published + renewDeadlineMs
}
