/** A clock for tests that stands still until a test advances it; timers that fall due are called in order. */
import type { Clock } from '../../src/time/clock.ts'

interface Timer {
  at: number
  callback: () => void
}

/** A clock that a test advances. The wall clock can be stepped; the monotonic one cannot. */
export interface FakeClock extends Clock {
  /** Advances the clock and calls the timers that become due, in order. */
  advance(ms: number): void
  stepWall(byMs: number): void
}

export const createFakeClock = (): FakeClock => {
  const timers = new Set<Timer>()
  let now = 0
  let wallOffset = 1_700_000_000_000
  const nextUntil = (limit: number) =>
    [...timers]
      .filter(({ at }) => at <= limit)
      .reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined)
  return {
    now: () => now,
    wallMs: () => now + wallOffset,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
      }
      now = end
    },
    stepWall(byMs) {
      wallOffset += byMs
    },
  }
}
