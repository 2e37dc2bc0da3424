/**
 * The labels of samples while they are put together: those of the object first, those of single samples over them. The
 * names are known after a few objects, so that a sample costs no sorting and no list of names of its own.
 */

import { sanitizeLabelName } from '../families/label-name.ts'

interface Slot {
  readonly name: string
  /** Of the object and of the sample; good if the round is the current one. */
  objectValue: string
  objectRound: number
  value: string
  round: number
}

/** Label names that are remembered; copied labels may have as many as there are in the cluster, and be of any length. */
const maxSlots = 10_000
const maxCharacters = 1024 * 1024

/** A copied key may be empty, begin with a digit, or have the name that names the metric: each would spoil the whole page. */
const validName = (name: string) => (/^(?:$|\d|__name__$)/.test(name) ? `_${name}` : name)

/** Shorter values are not worth counting. */
const longValue = 1024

export class SampleLabels {
  #slots = new Map<string, Slot>()
  /** Of all keys, and of the values that slots still hold, which are those of other objects. */
  #characters = 0
  #objectRound = 0
  #round = 0
  /** Slots with a value of the object, and those with one of the sample alone. */
  #ofObject: Slot[] = []
  #ofSample: Slot[] = []
  /** The slots of the last sample as they came, sorted, and their names. */
  #lastSlots: Slot[] = []
  #lastSorted: Slot[] = []
  #lastNames: readonly string[] = []
  #ownCount = 0

  /** Begins an object without labels. */
  beginObject(): void {
    this.#objectRound++
    this.#ofObject = []
    if (this.#slots.size > maxSlots || this.#characters > maxCharacters) this.#forget()
    this.beginSample()
  }

  /** Begins a sample that has the labels of the object alone. */
  beginSample(): void {
    this.#round++
    this.#ofSample = []
    this.#ownCount = 0
  }

  /** Whether the sample has a label of its own. */
  get hasOwn(): boolean {
    return this.#ownCount > 0
  }

  /** Gives all samples of the object a label; a former value is replaced. */
  setObject(key: string, value: string): void {
    const slot = this.#slotOf(key)
    if (slot.objectRound !== this.#objectRound) this.#ofObject.push(slot)
    slot.objectRound = this.#objectRound
    slot.objectValue = value
    if (value.length > longValue) this.#characters += value.length
  }

  /** Gives the sample a label; a former value, and that of the object, are replaced. */
  set(key: string, value: string): void {
    const slot = this.#slotOf(key)
    if (slot.round !== this.#round) {
      this.#ownCount++
      if (slot.objectRound !== this.#objectRound) this.#ofSample.push(slot)
    }
    slot.round = this.#round
    slot.value = value
    if (value.length > longValue) this.#characters += value.length
  }

  /** Observes the sample with its labels, sorted by name. */
  observe(value: number, observe: (value: number, names: readonly string[], values: readonly string[]) => void): void {
    this.#arrange()
    const values = this.#lastSorted.map((slot) => (slot.round === this.#round ? slot.value : slot.objectValue))
    observe(value, this.#lastNames, values)
  }

  #forget(): void {
    this.#slots.clear()
    this.#characters = 0
  }

  #slotOf(key: string): Slot {
    let slot = this.#slots.get(key)
    if (slot !== undefined) return slot
    const name = validName(sanitizeLabelName(key))
    slot = this.#slots.get(name) ?? { name, objectValue: '', objectRound: -1, value: '', round: -1 }
    this.#slots.set(name, slot).set(key, slot)
    this.#characters += key.length
    return slot
  }

  #arrange(): void {
    const count = this.#ofObject.length
    const last = this.#lastSlots
    let same = last.length === count + this.#ofSample.length
    for (let i = 0; same && i < count; i++) same = last[i] === this.#ofObject[i]
    for (let i = 0; same && i < this.#ofSample.length; i++) same = last[count + i] === this.#ofSample[i]
    if (same) return
    this.#lastSlots = [...this.#ofObject, ...this.#ofSample]
    this.#lastSorted = this.#lastSlots.toSorted((left, right) => (left.name < right.name ? -1 : 1))
    this.#lastNames = this.#lastSorted.map(({ name }) => name)
  }
}
