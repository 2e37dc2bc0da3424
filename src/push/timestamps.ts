/** Timestamps of requests in Unix milliseconds. */

import { maxAheadMs } from '../time/slewed-time.ts'

export interface Timestamps {
  /** That of the clock, but greater than all before that a receiver may have accepted. */
  next(): number
  /** The last one; 0 before the first. */
  last(): number
  /** The next ones are greater than this. */
  raise(ms: number): void
}

/** `unixMs` may go back: by more than `maxAheadMs` when the clock was wrong, so that no receiver has accepted the last one. */
export function createTimestamps(unixMs: () => number): Timestamps {
  let last = 0
  return {
    next() {
      const now = Math.floor(unixMs())
      last = last > now + maxAheadMs ? now : Math.max(now, last + 1)
      return last
    },
    last: () => last,
    raise(ms) {
      last = Math.max(last, ms)
    },
  }
}
