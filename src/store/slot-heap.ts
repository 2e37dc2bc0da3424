/** A binary heap of slots, from which any slot can be removed. */

/** Whether the first slot comes before the second. A strict order of all slots that are in the heap. */
export type IsBefore = (a: number, b: number) => boolean

export class SlotHeap {
  readonly #isBefore: IsBefore
  readonly #slots: number[] = []
  /** By slot, its place in `#slots` and 1; 0 if it is not there. */
  #places = new Uint32Array(0)

  constructor(isBefore: IsBefore) {
    this.#isBefore = isBefore
  }

  /** The slot that comes before all others, or -1. */
  get first(): number {
    return this.#slots[0] ?? -1
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== 0
  }

  add(slot: number): void {
    if (slot >= this.#places.length) this.#places = enlarged(this.#places, slot)
    this.#rise(this.#slots.push(slot) - 1, slot)
  }

  /** The slot must be in the heap. */
  remove(slot: number): void {
    const place = (this.#places[slot] as number) - 1
    const last = this.#slots.pop() as number
    this.#places[slot] = 0
    if (last !== slot) this.#sink(this.#rise(place, last), last)
  }

  #put(place: number, slot: number): void {
    this.#slots[place] = slot
    this.#places[slot] = place + 1
  }

  /** Puts the slot at this place or, in front of those that it comes before, at a lower one, which is returned. */
  #rise(from: number, slot: number): number {
    let place = from
    while (place > 0) {
      const parentPlace = (place - 1) >>> 1
      const parent = this.#slots[parentPlace] as number
      if (!this.#isBefore(slot, parent)) break
      this.#put(place, parent)
      place = parentPlace
    }
    this.#put(place, slot)
    return place
  }

  /** Moves the slot at this place behind those that come before it. */
  #sink(from: number, slot: number): void {
    let place = from
    for (let child = this.#firstChild(place); child !== -1; child = this.#firstChild(place)) {
      const other = this.#slots[child] as number
      if (!this.#isBefore(other, slot)) break
      this.#put(place, other)
      place = child
    }
    this.#put(place, slot)
  }

  /** The place of the child that comes before the other one, or -1. */
  #firstChild(place: number): number {
    const left = 2 * place + 1
    if (left >= this.#slots.length) return -1
    const right = left + 1
    if (right === this.#slots.length) return left
    return this.#isBefore(this.#slots[right] as number, this.#slots[left] as number) ? right : left
  }
}

/** A column with room for the slot. */
export function enlarged(column: Uint32Array, slot: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(1024, Math.ceil(1.5 * (slot + 1))))
  larger.set(column)
  return larger
}
