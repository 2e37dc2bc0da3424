/** A clock that tests can replace, and waits on it. */

import { createSlewedTime } from './slewed-time.ts'

/** The time, and timers. */
export interface Clock {
  /** Milliseconds since some fixed moment, with fractions. Monotonic: only spans count. */
  now(): number
  /** Unix milliseconds, whole, slewed when the wall clock jumps. May go back, so no span is measured with it. */
  wallMs(): number
  /** Calls back once after a delay in milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
}

/**
 * The clock of this machine. What a callback throws goes to `onFailure`: thrown in a timer it would end the process. Timers
 * keep the process alive until they are cancelled.
 */
export function createSystemClock(onFailure: (failure: unknown) => void): Clock {
  const now = () => performance.now()
  return {
    now,
    wallMs: createSlewedTime({ now, wallMs: () => Date.now() }),
    after(ms, callback) {
      const timer = setTimeout(() => {
        try {
          callback()
        } catch (failure) {
          onFailure(failure)
        }
      }, ms)
      return () => clearTimeout(timer)
    },
  }
}

/** Waits; resolves early, and never rejects, when the signal aborts. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(ms, finish)
    signal.addEventListener('abort', finish)
  })
}

/** Resolves when the work has ended in either way, or the signal aborts. Nothing of it stays with a signal that never aborts. */
export function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      signal.removeEventListener('abort', finish)
      resolve()
    }
    signal.addEventListener('abort', finish)
    work.then(finish, finish)
  })
}
