/**
 * The labels that all samples of an object have: read once per object, however many rules have them. Names are known after a
 * few objects, so that a label costs neither sanitizing nor sorting.
 */

import { sanitizeLabelName } from '../families/label-name.ts'
import type { PathLabels } from './path-labels.ts'

/** A label name, and its values in the current object and in the current sample, if the rounds are the current ones. */
export interface Slot {
  readonly name: string
  objectValue: string
  objectRound: number
  value: string
  round: number
}

/** Label names that are remembered; copied labels may have as many as there are in the cluster, and be of any length. */
const maxSlots = 10_000
const maxCharacters = 1024 * 1024

/** Shorter values are not worth counting. */
const longValue = 1024

/** The name of a label. A copied key may be empty, begin with a digit, or have the name that names the metric: each would spoil the whole page. */
export function labelNameOf(key: string): string {
  const name = sanitizeLabelName(key)
  return /^(?:$|\d|__name__$)/.test(name) ? `_${name}` : name
}

export class ObjectLabels {
  /** The labels of the object: the same array as long as objects have the same labels. */
  slots: readonly Slot[] = []
  /** The round of the object. */
  round = 0
  readonly constants: ReadonlyMap<string, string>
  readonly #slots = new Map<string, Slot>()
  /** Of all keys, and of the values that slots still hold, which are those of other objects. */
  #characters = 0
  readonly #fromObject: PathLabels
  #sampleRound = 0
  #object: unknown
  #begun: Slot[] = []

  /** Labels found in the object replace constant ones. */
  constructor(constants: ReadonlyMap<string, string>, fromObject: PathLabels) {
    this.constants = constants
    this.#fromObject = fromObject
  }

  /** Where labels stand in the object. */
  get paths(): PathLabels['paths'] {
    return this.#fromObject.paths
  }

  /** Reads the labels of an object, unless it is the one before. */
  begin(object: unknown): void {
    if (object === this.#object) return
    this.#object = undefined
    this.round++
    this.#begun = []
    if (this.#slots.size > maxSlots || this.#characters > maxCharacters) this.#forget()
    for (const [key, value] of this.constants) this.#set(key, value)
    this.#fromObject.read(object, this.#set)
    if (!isSameList(this.#begun, this.slots)) this.slots = this.#begun
    this.#object = object
  }

  /** A round for one more sample. */
  beginSample(): number {
    return ++this.#sampleRound
  }

  slotOf(key: string): Slot {
    let slot = this.#slots.get(key)
    if (slot !== undefined) return slot
    const name = labelNameOf(key)
    slot = this.#slots.get(name) ?? { name, objectValue: '', objectRound: -1, value: '', round: -1 }
    this.#slots.set(name, slot).set(key, slot)
    this.#characters += key.length
    return slot
  }

  /** Counts a value that a slot holds from now on. */
  noteKept(value: string): void {
    if (value.length > longValue) this.#characters += value.length
  }

  #forget(): void {
    this.#slots.clear()
    this.#characters = 0
  }

  readonly #set = (key: string, value: string): void => {
    const slot = this.slotOf(key)
    if (slot.objectRound !== this.round) this.#begun.push(slot)
    slot.objectRound = this.round
    slot.objectValue = value
    this.noteKept(value)
  }
}

function isSameList(left: readonly Slot[], right: readonly Slot[]): boolean {
  return left.length === right.length && left.every((slot, i) => slot === right[i])
}
