/**
 * Judges whether a renewal is recent enough to write. Time that passed while the process was stopped or the machine
 * suspended counts: of the two clocks the one that has advanced further is believed.
 */

import { uptime } from 'node:os'

/** A moment on both clocks, in milliseconds. */
export interface Moment {
  readonly monotonicMs: number
  /** Unlike the monotonic clock, it advances while the machine is suspended. */
  readonly bootMs: number
}

export interface Fence {
  now(): Moment
  /** A renewal that began then was accepted. */
  renewed(at: Moment): void
  /** Until the renewal is too old, 0 or less after that. */
  leftMs(): number
}

const systemMoment = (): Moment => ({ monotonicMs: performance.now(), bootMs: uptime() * 1000 })

/** Closed until the first renewal. */
export function createFence(deadlineMs: number, now: () => Moment = systemMoment): Fence {
  let last: Moment | undefined
  return {
    now,
    renewed(at) {
      last = at
    },
    leftMs() {
      if (last === undefined) return 0
      const { monotonicMs, bootMs } = now()
      return deadlineMs - Math.max(monotonicMs - last.monotonicMs, bootMs - last.bootMs)
    },
  }
}
