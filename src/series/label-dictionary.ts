/**
 * Owns the dictionary of one block while it is written: each label set once, found again by the texts of its values. A set
 * that is there already costs no byte: most are, as the families of containers, conditions and resources repeat them.
 */

import type { PreparedKey } from './label-bytes.ts'
import { attributeBound, varintLength, writeAttribute, writeVarint } from './label-bytes.ts'

/** The label names of a family, in order. Two sets are equal if their names are the same object and their values equal. */
export interface LabelNames {
  readonly id: number
  readonly keys: readonly PreparedKey[]
}

const hashPrime = 0x01000193
const hashedEnd = 12
/** Entries of one block that are remembered in arrays of this size at first. */
const initialEntries = 64
/** Texts of values that are kept until the next block; those of a giant are let go. */
const maxKeptTexts = 4096

/** Label sets go in by `add`, which yields an entry: its number is good until `reset`. */
export class LabelDictionary {
  /** The bytes so far, `length` of them. */
  bytes: Uint8Array = new Uint8Array(4096)
  length = 0
  #count = 0
  // Per entry: hash, names, first of its values among the texts, offset of its length prefix, the family that used it last.
  #hashes = new Uint32Array(initialEntries)
  #names = new Uint32Array(initialEntries)
  #texts = new Uint32Array(initialEntries)
  #offsets = new Uint32Array(initialEntries)
  #families = new Int32Array(initialEntries)
  #values: string[] = []
  #valueCount = 0
  // Entry numbers grow from block to block, so that buckets of former blocks are free without being cleared.
  #first = 0
  #buckets = new Int32Array(4 * initialEntries).fill(-1)

  /** Begins a new block. */
  reset(): void {
    this.#first += this.#count
    this.#count = 0
    this.#valueCount = 0
    this.length = 0
    if (this.#values.length > maxKeptTexts) this.#values = []
    if (this.#first > 0x3fffffff) {
      this.#first = 0
      this.#buckets.fill(-1)
    }
  }

  /** Finds or adds the set of these names and the values that stand first in `values`; returns its entry. */
  add(names: LabelNames, values: readonly string[]): number {
    if (this.#count === this.#hashes.length) this.#grow()
    const hash = hashOf(names, values)
    const buckets = this.#buckets
    const mask = buckets.length - 1
    let bucket = hash & mask
    for (let entry = buckets[bucket] as number; entry >= this.#first; entry = buckets[bucket] as number) {
      if (this.#holds(entry - this.#first, hash, names, values)) return entry - this.#first
      bucket = (bucket + 1) & mask
    }
    buckets[bucket] = this.#first + this.#count
    return this.#append(hash, names, values)
  }

  /** The entry's offset in the dictionary. */
  offset(entry: number): number {
    return this.#offsets[entry] as number
  }

  /** Notes that a family used the entry; true if the same family did before: a duplicate series. */
  use(entry: number, family: number): boolean {
    if (this.#families[entry] === family) return true
    this.#families[entry] = family
    return false
  }

  #holds(entry: number, hash: number, names: LabelNames, values: readonly string[]): boolean {
    if (this.#hashes[entry] !== hash || this.#names[entry] !== names.id) return false
    const first = this.#texts[entry] as number
    for (let i = 0; i < names.keys.length; i++) if (this.#values[first + i] !== values[i]) return false
    return true
  }

  #append(hash: number, names: LabelNames, values: readonly string[]): number {
    const entry = this.#count++
    this.#hashes[entry] = hash
    this.#names[entry] = names.id
    this.#texts[entry] = this.#valueCount
    this.#offsets[entry] = this.length
    this.#families[entry] = -1
    for (let i = 0; i < names.keys.length; i++) this.#values[this.#valueCount++] = values[i] as string
    this.#write(names.keys, values)
    return entry
  }

  /** Writes the set behind a prefix as long as that of a set of ASCII; others are moved, should theirs be longer. */
  #write(keys: readonly PreparedKey[], values: readonly string[]): void {
    let bound = 5
    let size = 0
    for (let i = 0; i < keys.length; i++) {
      bound += attributeBound(keys[i] as PreparedKey, values[i] as string)
      size += (keys[i] as PreparedKey).length + (values[i] as string).length + 5
    }
    if (this.length + bound > this.bytes.length) this.bytes = enlarged(this.bytes, 2 * (this.length + bound))
    const bytes = this.bytes
    const start = this.length + varintLength(size)
    let end = start
    for (let i = 0; i < keys.length; i++) end = writeAttribute(keys[i] as PreparedKey, values[i] as string, bytes, end)
    const prefixEnd = this.length + varintLength(end - start)
    if (prefixEnd !== start) bytes.copyWithin(prefixEnd, start, end)
    writeVarint(end - start, bytes, this.length)
    this.length = prefixEnd + end - start
  }

  #grow(): void {
    const size = 2 * this.#hashes.length
    const larger = (numbers: Uint32Array): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(size)
      to.set(numbers)
      return to
    }
    this.#hashes = larger(this.#hashes)
    this.#names = larger(this.#names)
    this.#texts = larger(this.#texts)
    this.#offsets = larger(this.#offsets)
    const families = new Int32Array(size)
    families.set(this.#families)
    this.#families = families
    this.#buckets = new Int32Array(4 * size).fill(-1)
    const mask = this.#buckets.length - 1
    for (let entry = 0; entry < this.#count; entry++) {
      let bucket = (this.#hashes[entry] as number) & mask
      while (this.#buckets[bucket] !== -1) bucket = (bucket + 1) & mask
      this.#buckets[bucket] = this.#first + entry
    }
  }
}

/** FNV over the values' UTF-16 units, from a start of the names' own. Of long values both ends count: there they differ. */
function hashOf({ id, keys }: LabelNames, values: readonly string[]): number {
  let hash = id
  for (let i = 0; i < keys.length; i++) {
    const value = values[i] as string
    const length = value.length
    hash = Math.imul(hash ^ length, hashPrime)
    const head = length > 2 * hashedEnd ? hashedEnd : length
    for (let at = 0; at < head; at++) hash = Math.imul(hash ^ value.charCodeAt(at), hashPrime)
    for (let at = Math.max(head, length - hashedEnd); at < length; at++)
      hash = Math.imul(hash ^ value.charCodeAt(at), hashPrime)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}

function enlarged(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}
