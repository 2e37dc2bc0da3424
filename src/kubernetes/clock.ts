/** Owns the passing of time as the room sees it, so that tests decide when it passes. Refuses dates: only spans count here. */

/** A monotonic clock and its alarms. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  /** Calls back once, after so many milliseconds; the returned function calls that off. */
  after(ms: number, callback: () => void): () => void
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Waits; resolves early, and never rejects, when the signal aborts. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      callOff()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const callOff = clock.after(ms, finish)
    signal.addEventListener('abort', finish)
  })
}

/** Notices that nothing happened for a while. */
export interface Watchdog {
  /** Something happened. Cheap: no timer is touched. */
  heard(): void
  stop(): void
}

/** Calls `onSilence` once, when `heard` was not called for so long. The patience may grow meanwhile. */
export function createWatchdog(clock: Clock, patienceMs: () => number, onSilence: () => void): Watchdog {
  let heardAtMs = clock.now()
  const check = (): void => {
    const leftMs = heardAtMs + patienceMs() - clock.now()
    if (leftMs <= 0) onSilence()
    else callOff = clock.after(leftMs, check)
  }
  let callOff = clock.after(patienceMs(), check)
  return {
    heard() {
      heardAtMs = clock.now()
    },
    stop: () => callOff(),
  }
}
