/** Time as the push sees it, so that tests can let it pass. */

/** Two clocks and a timer. */
export interface Clock {
  /** Milliseconds that never jump; the same clock as the store's. */
  monotonicMs(): number
  /** Unix milliseconds, whole. */
  wallMs(): number
  /** Calls back once after so long, unless what it returns is called before. */
  after(delayMs: number, callback: () => void): () => void
}

/** The machine's clocks. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}

/** Timestamps of requests in Unix milliseconds. */
export interface Timestamps {
  /** That of the wall clock, but greater than all before. */
  next(): number
  /** The last one; 0 before the first. */
  last(): number
  /** The next ones are greater than this. */
  raise(ms: number): void
}

export function createTimestamps(wallMs: () => number): Timestamps {
  let last = 0
  return {
    next() {
      last = Math.max(Math.floor(wallMs()), last + 1)
      return last
    },
    last: () => last,
    raise(ms) {
      last = Math.max(last, ms)
    },
  }
}
