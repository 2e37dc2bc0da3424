/**
 * The dictionary of a block while it is written: each label set once, looked up by the texts of its values. Most sets are
 * repeated, because the families of containers, conditions and resources have the same labels.
 */

import { BlockLimitError, maxKeptBytes, maxLabelBytes } from './block-limits.ts'
import { hashBytes } from './byte-hash.ts'
import type { PreparedKey } from './label-bytes.ts'
import { prepareKey, varintLength, writeAttribute, writeVarint } from './label-bytes.ts'
import { wholeMark } from './row-format.ts'

/** The label names of a family, in order. Two sets are equal if their names are the same object and their values equal. */
export interface LabelNames {
  readonly id: number
  readonly keys: readonly PreparedKey[]
  /** The length of a set without the texts of its values, if they have at most 123 bytes. */
  readonly fixedLength: number
  /** Whether sets with these names are marked as standing alone (see block.ts). */
  readonly isWhole: boolean
  // Used by the dictionary: entries by their numbers, which increase from block to block.
  first: number
  last: number
  /** The probable next set; a hint, which may be from an earlier block. */
  expected: number
}

/** Names for the dictionary, with a unique number. */
export function createLabelNames(id: number, names: readonly string[], isWhole = false): LabelNames {
  const keys = names.map(prepareKey)
  const fixedLength = keys.reduce((sum, key) => sum + key.length + 5, isWhole ? 1 : 0)
  return { id, keys, fixedLength, isWhole, first: -1, last: -1, expected: -1 }
}

/** The initial capacity of the arrays with the entries of a block. */
const initialEntries = 64
/** The texts of values stay until the next block overwrites them, unless there are more, or they are longer. */
const maxKeptTexts = 4096
const maxKeptTextBytes = 16 * 1024
const initialBytes = 4096

/** Label sets are added by `add`, which returns an entry number that is valid until `reset`. */
export class LabelDictionary {
  /** The bytes so far, `length` of them. */
  bytes: Buffer = Buffer.alloc(initialBytes)
  length = 0
  /** Of `bytes`. */
  #view = viewOf(this.bytes)
  #count = 0
  // Per entry: hash, names, index of its first value text, offset of its length prefix, the family that used it last,
  // and the next entry with the same names (the first one after the last).
  #hashes = new Uint32Array(initialEntries)
  #names = new Uint32Array(initialEntries)
  #texts = new Uint32Array(initialEntries)
  #offsets = new Uint32Array(initialEntries)
  #families = new Int32Array(initialEntries)
  #next = new Int32Array(initialEntries)
  #values: string[] = []
  #valueCount = 0
  #markedCount = 0
  #markedLength = 0
  #markedValueCount = 0
  // Entry numbers increase from block to block, so that buckets of earlier blocks are free without being cleared.
  #first = 0
  #buckets = new Int32Array(4 * initialEntries).fill(-1)

  /** Starts a new block. */
  reset(): void {
    this.#first += this.#count
    this.#count = 0
    this.#valueCount = 0
    if (this.#values.length > maxKeptTexts || this.length > maxKeptTextBytes) this.#values = []
    if (this.bytes.length > maxKeptBytes) this.#replaceBytes(Buffer.alloc(initialBytes))
    this.length = 0
    if (this.#first > 0x3fffffff) {
      this.#first = 0
      this.#buckets.fill(-1)
    }
  }

  /** Finds or adds the set with these names and the first elements of `values`; returns its entry. */
  add(names: LabelNames, values: readonly string[]): number {
    // Families iterate over the same list one after the other, so sets repeat in the same order.
    const expected = names.expected - this.#first
    if (expected >= 0 && expected < this.#count && this.#holds(expected, names, values)) {
      names.expected = this.#next[expected] as number
      return expected
    }
    // The set is written first, since its bytes are hashed faster than its texts; if it is known, the next one overwrites it.
    const end = this.#write(names, values)
    const hash = hashBytes(this.#view, this.length, end, names.id)
    const buckets = this.#buckets
    const mask = buckets.length - 1
    let bucket = hash & mask
    for (let number = buckets[bucket] as number; number >= this.#first; number = buckets[bucket] as number) {
      const entry = number - this.#first
      if (this.#hashes[entry] === hash && this.#holds(entry, names, values)) {
        names.expected = this.#next[entry] as number
        return entry
      }
      bucket = (bucket + 1) & mask
    }
    buckets[bucket] = this.#first + this.#count
    return this.#append(hash, names, values, end)
  }

  /** Marks the current end, to which `rollBack` returns. */
  mark(): void {
    this.#markedCount = this.#count
    this.#markedLength = this.length
    this.#markedValueCount = this.#valueCount
  }

  /** Removes the sets since the mark. */
  rollBack(): void {
    if (this.#count === this.#markedCount) return
    this.#count = this.#markedCount
    this.length = this.#markedLength
    this.#valueCount = this.#markedValueCount
    this.#fillBuckets()
  }

  /** The entry's offset in the dictionary. */
  offset(entry: number): number {
    return this.#offsets[entry] as number
  }

  /** The number of bytes of the entry's set, with its length. */
  size(entry: number): number {
    const end = entry + 1 < this.#count ? (this.#offsets[entry + 1] as number) : this.length
    return end - (this.#offsets[entry] as number)
  }

  /** Records that a family used the entry. Returns true if the same family has used it before: a duplicate series. */
  use(entry: number, family: number): boolean {
    if (this.#families[entry] === family) return true
    this.#families[entry] = family
    return false
  }

  #holds(entry: number, names: LabelNames, values: readonly string[]): boolean {
    if (this.#names[entry] !== names.id) return false
    const first = this.#texts[entry] as number
    const texts = this.#values
    const count = names.keys.length
    for (let i = 0; i < count; i++) if (texts[first + i] !== values[i]) return false
    return true
  }

  /** Adds the set that was written last, up to `end`. */
  #append(hash: number, names: LabelNames, values: readonly string[], end: number): number {
    const entry = this.#count++
    this.#hashes[entry] = hash
    this.#names[entry] = names.id
    this.#texts[entry] = this.#valueCount
    this.#offsets[entry] = this.length
    this.#families[entry] = -1
    this.#chain(entry, names)
    this.length = end
    const count = names.keys.length
    for (let i = 0; i < count; i++) this.#values[this.#valueCount++] = values[i] as string
    if (this.#count === this.#hashes.length) this.#grow()
    return entry
  }

  /** Inserts a new entry after the last one with the same names and before the first. */
  #chain(entry: number, names: LabelNames): void {
    const number = this.#first + entry
    const last = names.last - this.#first
    if (last >= 0 && last < entry) this.#next[last] = number
    else names.first = number
    names.last = number
    names.expected = this.#next[entry] = names.first
  }

  /**
   * Writes the set after a prefix with the length for ASCII texts, and moves it if a longer prefix is needed. Returns the
   * offset after it; it is not counted in `length`.
   */
  #write({ keys, fixedLength, isWhole }: LabelNames, values: readonly string[]): number {
    const count = keys.length
    let size = fixedLength
    for (let i = 0; i < count; i++) size += (values[i] as string).length
    if (this.length + size > maxLabelBytes) throw new BlockLimitError('labels', maxLabelBytes)
    // Three bytes per character, and room for lengths of more than one byte.
    const bound = this.length + 3 * size + 24 * count + 5
    if (bound > this.bytes.length) {
      this.#replaceBytes(enlarged(this.bytes, 2 * bound))
    }
    const bytes = this.bytes
    const start = this.length + varintLength(size)
    let end = start
    if (isWhole) bytes[end++] = wholeMark
    for (let i = 0; i < count; i++) end = writeAttribute(keys[i] as PreparedKey, values[i] as string, bytes, end)
    const prefixEnd = this.length + varintLength(end - start)
    if (prefixEnd !== start) bytes.copyWithin(prefixEnd, start, end)
    writeVarint(end - start, bytes, this.length)
    return prefixEnd + end - start
  }

  #replaceBytes(bytes: Buffer): void {
    this.bytes = bytes
    this.#view = viewOf(bytes)
  }

  #grow(): void {
    const size = 2 * this.#hashes.length
    this.#hashes = copied(this.#hashes, new Uint32Array(size))
    this.#names = copied(this.#names, new Uint32Array(size))
    this.#texts = copied(this.#texts, new Uint32Array(size))
    this.#offsets = copied(this.#offsets, new Uint32Array(size))
    this.#families = copied(this.#families, new Int32Array(size))
    this.#next = copied(this.#next, new Int32Array(size))
    this.#buckets = new Int32Array(4 * size)
    this.#fillBuckets()
  }

  /** Enters all sets of the block anew. */
  #fillBuckets(): void {
    this.#buckets.fill(-1)
    const mask = this.#buckets.length - 1
    for (let entry = 0; entry < this.#count; entry++) {
      let bucket = (this.#hashes[entry] as number) & mask
      while (this.#buckets[bucket] !== -1) bucket = (bucket + 1) & mask
      this.#buckets[bucket] = this.#first + entry
    }
  }
}

function copied<T extends Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(from: T, to: T): T {
  to.set(from)
  return to
}

function enlarged(bytes: Uint8Array, length: number): Buffer {
  const larger = Buffer.alloc(length)
  larger.set(bytes)
  return larger
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
