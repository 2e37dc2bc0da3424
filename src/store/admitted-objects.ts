/**
 * The objects that one limit applies to, of which the first in their order are admitted: as many as fit into the limit together,
 * without gaps. Which ones depends only on the objects, not on when each of them arrived.
 */

import type { IsBefore } from './slot-heap.ts'
import { enlarged, SlotHeap } from './slot-heap.ts'

export class AdmittedObjects {
  readonly #max: number
  readonly #isBefore: IsBefore
  /** The last one first: it is the next to be withheld. */
  readonly #admitted: SlotHeap
  /** The first one first: it is the next to be admitted. */
  readonly #withheld: SlotHeap
  #seriesOf = new Uint32Array(0)
  #admittedSeries = 0
  #withheldSeries = 0

  constructor(max: number, isBefore: IsBefore) {
    this.#max = max
    this.#isBefore = isBefore
    this.#admitted = new SlotHeap((a, b) => isBefore(b, a))
    this.#withheld = new SlotHeap(isBefore)
  }

  /** Series of all objects. */
  get wanted(): number {
    return this.#admittedSeries + this.#withheldSeries
  }

  /** Series of the objects that are not admitted. */
  get withheld(): number {
    return this.#withheldSeries
  }

  /** True for an object that the limit does not apply to. */
  admits(slot: number): boolean {
    return !this.#withheld.has(slot)
  }

  /** The object has this number of series. Whether it is admitted is certain after `settle`. */
  set(slot: number, series: number): void {
    this.remove(slot)
    if (series === 0) return
    if (slot >= this.#seriesOf.length) this.#seriesOf = enlarged(this.#seriesOf, slot)
    this.#seriesOf[slot] = series
    const first = this.#withheld.first
    if (first !== -1 && this.#isBefore(first, slot)) this.#withhold(slot)
    else this.#admit(slot)
  }

  /** The limit does not apply to the object any more. Its place in the order must not have changed since `set`. */
  remove(slot: number): void {
    const series = this.#seriesOf[slot] as number
    if (this.#admitted.has(slot)) {
      this.#admitted.remove(slot)
      this.#admittedSeries -= series
    } else if (this.#withheld.has(slot)) {
      this.#withheld.remove(slot)
      this.#withheldSeries -= series
    }
  }

  /** Admits what fits, and reports the objects that are admitted or withheld by it. */
  settle(onMoved: (slot: number) => void): void {
    while (this.#admittedSeries > this.#max) {
      const youngest = this.#admitted.first
      this.remove(youngest)
      this.#withhold(youngest)
      onMoved(youngest)
    }
    for (let next = this.#withheld.first; next !== -1; next = this.#withheld.first) {
      if (this.#admittedSeries + (this.#seriesOf[next] as number) > this.#max) return
      this.remove(next)
      this.#admit(next)
      onMoved(next)
    }
  }

  #admit(slot: number): void {
    this.#admitted.add(slot)
    this.#admittedSeries += this.#seriesOf[slot] as number
  }

  #withhold(slot: number): void {
    this.#withheld.add(slot)
    this.#withheldSeries += this.#seriesOf[slot] as number
  }
}
