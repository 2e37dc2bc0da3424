import type { Clock } from './clock.ts'

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
