/**
 * Whether the endpoint as a whole works, and when it is tried again. Failures of requests that were in flight at the same
 * time count as one, so that four requests that fail together do not wait as long as four that failed one after the other.
 */

import type { BackOffRange } from '../time/back-off.ts'
import { backOffMs } from '../time/back-off.ts'

/** Short: while an endpoint is down only one request goes out per delay, and changes wait for its return. */
export const pushBackOff: BackOffRange = { firstMs: 1000, longestMs: 10_000 }
/** A receiver may ask for a longer delay than ours, but not longer than Prometheus looks back. */
const maxAskedDelayMs = 5 * 60_000

export interface EndpointHealth {
  /** Consecutive failures; 0 while it works. */
  readonly failures: number
  /** Requests that were answered as they should be, since the start. */
  readonly successes: number
  /** Changes with each failure and recovery; a request notes it when it is sent. */
  readonly epoch: number
  /** Nothing is sent before this time of the monotonic clock. */
  readonly pausedUntil: number
  /** A request sent in `epoch` failed. */
  fail(epoch: number, now: number): void
  /** The receiver asked for a delay. */
  pause(now: number, delayMs: number): void
  /** A request sent in `epoch` was answered. */
  succeed(epoch: number): void
  /** Forgets all failures. */
  reset(): void
}

export function createEndpointHealth(random: () => number): EndpointHealth {
  let failures = 0
  let successes = 0
  let epoch = 0
  let pausedUntil = Number.NEGATIVE_INFINITY
  const reset = () => {
    failures = 0
    epoch++
    pausedUntil = Number.NEGATIVE_INFINITY
  }
  return {
    get failures() {
      return failures
    },
    get successes() {
      return successes
    },
    get epoch() {
      return epoch
    },
    get pausedUntil() {
      return pausedUntil
    },
    fail(sentIn, now) {
      if (sentIn !== epoch) return
      failures++
      epoch++
      pausedUntil = Math.max(pausedUntil, now + backOffMs(failures, pushBackOff, random))
    },
    pause(now, delayMs) {
      pausedUntil = Math.max(pausedUntil, now + Math.min(delayMs, maxAskedDelayMs) * (1 + 0.1 * random()))
    },
    succeed(sentIn) {
      successes++
      if (failures > 0 && sentIn === epoch) reset()
    },
    reset,
  }
}
