/** Time as this room sees it: a clock that tests can replace. Only spans count, no dates. */

/** A monotonic clock and its timers. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  /** Calls back once after a delay in milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
}

/** The clock of this machine. What a callback throws goes to `onFailure`: thrown in a timer it would end the process. */
export function createSystemClock(onFailure: (failure: unknown) => void): Clock {
  return {
    now: () => performance.now(),
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

/** Calls `onSilence` once, when `touch` was not called for the timeout, which may change meanwhile. */
export class Watchdog {
  readonly #clock: Clock
  readonly #timeoutMs: () => number
  readonly #onSilence: () => void
  #touchedAtMs: number
  #cancel: () => void

  constructor(clock: Clock, timeoutMs: () => number, onSilence: () => void) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#onSilence = onSilence
    this.#touchedAtMs = clock.now()
    this.#cancel = this.#checkAfter(timeoutMs())
  }

  /** Something has happened. Cheap: no timer is touched. */
  touch(): void {
    this.#touchedAtMs = this.#clock.now()
  }

  stop(): void {
    this.#cancel()
  }

  #checkAfter(ms: number): () => void {
    return this.#clock.after(ms, () => {
      const leftMs = this.#touchedAtMs + this.#timeoutMs() - this.#clock.now()
      if (leftMs <= 0) this.#onSilence()
      else this.#cancel = this.#checkAfter(leftMs)
    })
  }
}
