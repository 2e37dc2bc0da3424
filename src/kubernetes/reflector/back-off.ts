/** Growing waits between failing attempts: they double up to 30 s, half of each random. */

const firstMs = 500
const longestMs = 30_000

export class BackOff {
  readonly #random: () => number
  #ceilingMs = firstMs

  /** `random` is below 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The next wait in milliseconds. */
  next(): number {
    const waitMs = this.#ceilingMs / 2 + (this.#random() * this.#ceilingMs) / 2
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, longestMs)
    return waitMs
  }

  /** An attempt succeeded: the waits start small again. */
  reset(): void {
    this.#ceilingMs = firstMs
  }
}
