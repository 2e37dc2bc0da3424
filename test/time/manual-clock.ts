/** A clock for tests that stands still until a test rings one of its alarms: for code that waits in several places at once. */

import type { Clock } from '../../src/time/clock.ts'

/** A pending call of `after`. */
export interface Alarm {
  readonly ms: number
  /** Advances the clock to this alarm and calls its callback. */
  ring(): void
}

export interface ManualClock extends Clock {
  /** The first pending alarm whose delay matches; waits until there is one. */
  alarm(isMeant: (ms: number) => boolean): Promise<Alarm>
  /** The delays of all pending alarms. */
  pending(): number[]
  /** Advances the clock without ringing alarms. */
  elapse(ms: number): void
}

/** Creates a clock that stands at 0. */
export function createManualClock(): ManualClock {
  const alarms = new Map<Alarm, () => void>()
  const seekers: { isMeant: (ms: number) => boolean; found: (alarm: Alarm) => void }[] = []
  let nowMs = 0
  return {
    now: () => nowMs,
    wallMs: () => nowMs,
    after(ms, callback) {
      const dueMs = nowMs + ms
      const alarm: Alarm = {
        ms,
        ring() {
          if (!alarms.delete(alarm)) throw new Error('this alarm was called off')
          nowMs = Math.max(nowMs, dueMs)
          callback()
        },
      }
      alarms.set(alarm, callback)
      const seeker = seekers.findIndex(({ isMeant }) => isMeant(ms))
      if (seeker >= 0) seekers.splice(seeker, 1)[0]?.found(alarm)
      return () => void alarms.delete(alarm)
    },
    alarm(isMeant) {
      const known = [...alarms.keys()].find(({ ms }) => isMeant(ms))
      return known ? Promise.resolve(known) : new Promise((found) => seekers.push({ isMeant, found }))
    },
    pending: () => [...alarms.keys()].map(({ ms }) => ms),
    elapse(ms) {
      nowMs += ms
    },
  }
}
