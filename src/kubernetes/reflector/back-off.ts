/** Growing waits between failing attempts. */

export interface BackOff {
  /** The next wait in milliseconds. */
  next(): number
  /** An attempt succeeded: the waits start small again. */
  reset(): void
}

const firstMs = 500
const longestMs = 30_000

/** Waits that double up to 30 s, half of each random. `random` is below 1. */
export function createBackOff(random: () => number): BackOff {
  let ceilingMs = firstMs
  return {
    next() {
      const waitMs = ceilingMs / 2 + (random() * ceilingMs) / 2
      ceilingMs = Math.min(ceilingMs * 2, longestMs)
      return waitMs
    },
    reset() {
      ceilingMs = firstMs
    },
  }
}
