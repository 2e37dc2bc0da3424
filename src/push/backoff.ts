/**
 * Owns when the endpoint is tried again. Failures that were under way together count as one, so that four requests
 * that fail at once do not wait as long as four that failed one after the other.
 */

const firstDelayMs = 1000
/** Short: while an endpoint is away only one request goes out per delay, and changes wait for its return. */
const maxDelayMs = 10_000
/** A receiver may ask for more patience than ours, but not for more than series live at it. */
const maxAskedDelayMs = 5 * 60_000

export interface Backoff {
  /** Consecutive failures. */
  readonly failures: number
  /** Counts failures and successes that follow them; a request notes it when it is sent. */
  readonly epoch: number
  /** Nothing is sent before this time of the monotonic clock. */
  readonly until: number
  /** A request failed that was sent in `epoch`; the receiver may have asked for a delay. */
  fail(epoch: number, now: number, askedDelayMs: number | undefined): void
  /** A request sent in `epoch` was answered as it should. */
  succeed(epoch: number): void
  /** Forgets all failures. */
  reset(): void
}

/** `random` yields numbers from 0 to below 1. */
export function createBackoff(random: () => number): Backoff {
  let failures = 0
  let epoch = 0
  let until = Number.NEGATIVE_INFINITY
  const delayOf = (askedDelayMs: number | undefined): number => {
    if (askedDelayMs !== undefined && askedDelayMs > 0) {
      return Math.min(askedDelayMs, maxAskedDelayMs) * (1 + 0.1 * random())
    }
    return Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs) * (0.5 + 0.5 * random())
  }
  const reset = () => {
    failures = 0
    epoch++
    until = Number.NEGATIVE_INFINITY
  }
  return {
    get failures() {
      return failures
    },
    get epoch() {
      return epoch
    },
    get until() {
      return until
    },
    fail(sentIn, now, askedDelayMs) {
      if (sentIn !== epoch && askedDelayMs === undefined) return
      if (sentIn === epoch) {
        failures++
        epoch++
      }
      until = Math.max(until, now + delayOf(askedDelayMs))
    },
    succeed(sentIn) {
      if (failures > 0 && sentIn === epoch) reset()
    },
    reset,
  }
}
