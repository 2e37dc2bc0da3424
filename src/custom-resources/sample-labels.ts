/** The labels of a rule's samples while they are put together: those of single samples over those of the object. */

import type { ObserveFree } from '../families/family.ts'
import type { ObjectLabels, Slot } from './object-labels.ts'

export class SampleLabels {
  readonly #object: ObjectLabels
  #round = 0
  /** Slots with a value of the sample alone. */
  #ofSample: Slot[] = []
  #ownCount = 0
  /** Of the sample before: the slots as they came, sorted by name, and their names. */
  #lastOfObject: readonly Slot[] = []
  #lastOfSample: readonly Slot[] = []
  #lastSorted: readonly Slot[] = []
  #lastNames: readonly string[] = []

  constructor(object: ObjectLabels) {
    this.#object = object
  }

  /** Begins a sample that has the labels of the object alone. */
  beginSample(): void {
    this.#round = this.#object.beginSample()
    this.#ofSample = []
    this.#ownCount = 0
  }

  /** Whether the sample has a label of its own. */
  get hasOwn(): boolean {
    return this.#ownCount > 0
  }

  /** Whether the sample has this label of its own. */
  has(key: string): boolean {
    return this.#object.slotOf(key).round === this.#round
  }

  /** Gives the sample a label; a former value, and that of the object, are replaced. */
  set(key: string, value: string): void {
    const slot = this.#object.slotOf(key)
    if (slot.round !== this.#round) {
      this.#ownCount++
      if (slot.objectRound !== this.#object.round) this.#ofSample.push(slot)
    }
    slot.round = this.#round
    slot.value = value
    this.#object.noteKept(value)
  }

  /** Observes the sample with its labels, sorted by name. */
  observe(value: number, observe: ObserveFree): void {
    if (!this.#isLikeLast()) this.#arrange()
    const round = this.#round
    const values = this.#lastSorted.map((slot) => (slot.round === round ? slot.value : slot.objectValue))
    observe(value, this.#lastNames, values)
  }

  #isLikeLast(): boolean {
    const last = this.#lastOfSample
    if (this.#lastOfObject !== this.#object.slots || last.length !== this.#ofSample.length) return false
    for (let i = 0; i < last.length; i++) if (last[i] !== this.#ofSample[i]) return false
    return true
  }

  #arrange(): void {
    this.#lastOfObject = this.#object.slots
    this.#lastOfSample = this.#ofSample
    const slots = [...this.#lastOfObject, ...this.#lastOfSample]
    this.#lastSorted = slots.sort((left, right) => (left.name < right.name ? -1 : 1))
    this.#lastNames = this.#lastSorted.map(({ name }) => name)
  }
}
