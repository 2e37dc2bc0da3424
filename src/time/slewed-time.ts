/**
 * Unix time that does not jump when the wall clock is set: the wall clock of the start plus monotonic time, slewed towards the
 * wall clock. Receivers refuse samples that are too far ahead of their clock, and samples that are older than those before.
 */

/** Receivers refuse samples that are further ahead of their own clock. Milliseconds. */
export const maxAheadMs = 600_000

/** The share of the elapsed time that a correction may add or take away; below 1, so that time never stands still. */
const slewRate = 0.5

/**
 * No receiver accepts both clocks when they differ by more than `maxAheadMs`. A wall clock that stays there for this long is
 * believed at once: a glitch is over by then, and a machine that started with a wrong clock has been corrected.
 */
const stepAfterMs = 60_000

export interface TimeSources {
  /** Monotonic milliseconds. */
  now(): number
  /** Unix milliseconds; may jump. */
  wallMs(): number
}

/** Returns whole Unix milliseconds at each call. They decrease only by more than `maxAheadMs`. */
export function createSlewedTime({ now, wallMs }: TimeSources): () => number {
  let atMs = now()
  let timeMs = wallMs()
  let isFarSinceMs: number | undefined

  /** What the time is corrected by after so much monotonic time. */
  const correction = (errorMs: number, elapsedMs: number): number => {
    if (Math.abs(errorMs) <= maxAheadMs) isFarSinceMs = undefined
    else {
      isFarSinceMs ??= atMs
      if (atMs - isFarSinceMs >= stepAfterMs) return errorMs
    }
    const limitMs = slewRate * elapsedMs
    return Math.min(limitMs, Math.max(-limitMs, errorMs))
  }
  return () => {
    const elapsedMs = now() - atMs
    atMs += elapsedMs
    timeMs += elapsedMs
    timeMs += correction(wallMs() - timeMs, elapsedMs)
    return Math.floor(timeMs)
  }
}
