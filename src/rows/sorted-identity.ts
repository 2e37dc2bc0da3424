/** What the series of an object have in common, as the start of a sorted block: the constant labels by number, then the others. */

import type { KubernetesObject, LabelSet } from '../families/family.ts'
import { maxKeptBytes } from './block-limits.ts'
import type { CommonPlaces } from './common-labels.ts'
import { findCommon, haveCommon } from './common-labels.ts'
import type { PreparedKey } from './label-bytes.ts'
import { attributeBound, prepareKey, writeAttribute } from './label-bytes.ts'
import type { CommonLayout } from './layout.ts'
import { constantsLength } from './row-format.ts'
import { emptyLabelSet } from './shared-label-sets.ts'

const initialBytes = 512
const noLabels: LabelSet = { names: [], values: [] }

/** The labels of one object after the other. */
export class SortedIdentity {
  /** The number of the constant labels and the identity of the last object: `length` bytes. */
  bytes: Buffer = Buffer.alloc(initialBytes)
  length = 0
  /** Bytes of the common labels of the last object, the constant ones included. */
  commonLength = 0
  readonly #layout: CommonLayout
  readonly #constantNames: readonly string[]
  readonly #constantValues: readonly string[]
  /** Of the last object, which most others are like. */
  #names: readonly string[] = []
  #keys: readonly PreparedKey[] = []
  #places: CommonPlaces = { common: undefined, rest: [] }

  constructor(layout: CommonLayout) {
    this.#layout = layout
    this.#constantNames = [...layout.constants.keys()]
    this.#constantValues = [...layout.constants.values()]
  }

  /**
   * Writes the common labels of the object to `bytes`, and returns them. None if they cannot be read: the families that have
   * them fail for the same reason.
   */
  write(object: KubernetesObject): LabelSet {
    const common = this.#read(object)
    const { names, values } = common
    if (this.bytes.length > maxKeptBytes) this.bytes = Buffer.alloc(initialBytes)
    if (names !== this.#names) this.#prepare(names)
    if (haveCommon(values, this.#places, this.#constantValues)) {
      this.#begin(this.#layout.shared)
      for (const place of this.#places.rest) this.#add(place, values)
      this.commonLength = this.length + this.#layout.constantsLength
    } else {
      this.#begin(emptyLabelSet)
      for (let place = 0; place < names.length; place++) this.#add(place, values)
      this.commonLength = this.length
    }
    return common
  }

  #read(object: KubernetesObject): LabelSet {
    try {
      return this.#layout.read(object)
    } catch {
      return noLabels
    }
  }

  #prepare(names: readonly string[]): void {
    this.#names = names
    this.#keys = names.map(prepareKey)
    this.#places = findCommon(names, this.#constantNames)
  }

  #begin(constants: number): void {
    this.bytes[0] = constants
    this.bytes[1] = constants >>> 8
    this.length = constantsLength
  }

  #add(place: number, values: readonly string[]): void {
    const key = this.#keys[place] as PreparedKey
    const value = values[place] as string
    const bound = this.length + attributeBound(key, value)
    if (bound > this.bytes.length) {
      const larger = Buffer.alloc(2 * bound)
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.length = writeAttribute(key, value, this.bytes, this.length)
  }
}
