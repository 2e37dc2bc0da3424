/**
 * Growing waits between failed attempts. They double up to a limit, and half of each is random, so that many who failed at the
 * same time do not all retry at the same time.
 */

export interface BackOffRange {
  /** The maximum of the wait after the first failure. */
  readonly firstMs: number
  /** The maximum of any wait. */
  readonly longestMs: number
}

/** The wait in milliseconds after so many failures in a row, at least one. `random` returns numbers from 0 to below 1. */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOffRange, random: () => number): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs) * (0.5 + 0.5 * random())
}
