/** Timestamps of requests in Unix milliseconds. */
export interface Timestamps {
  /** That of the wall clock, but greater than all before. */
  next(): number
  /** The last one; 0 before the first. */
  last(): number
  /** The next ones are greater than this. */
  raise(ms: number): void
}

/** `wallMs` may jump. */
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
