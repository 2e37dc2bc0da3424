/** Owns the dictionary of one block while it is written: each label set once, found again by hash. */

import { writeVarint } from './label-bytes.ts'

const fnvOffset = 0x811c9dc5
const fnvPrime = 0x01000193

/**
 * Label sets are first written into `scratch` (after `reserve`), then `add`ed, which yields an entry: its index is
 * good until `reset`.
 */
export interface LabelDictionary {
  reset(): void
  /** A buffer with room for `length` bytes. */
  reserve(length: number): Uint8Array
  /** Takes the first `length` bytes of the scratch buffer as a label set and returns its entry. */
  add(length: number): number
  /** The entry's offset in the dictionary. */
  offset(entry: number): number
  /** Notes that a family used the entry; true if the same family did before: a duplicate series. */
  use(entry: number, family: number): boolean
  readonly bytes: Uint8Array
  readonly length: number
}

function hashOf(bytes: Uint8Array, length: number): number {
  let hash = fnvOffset
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (bytes[i] as number), fnvPrime)
  return hash >>> 0
}

export function createLabelDictionary(): LabelDictionary {
  let scratch = new Uint8Array(1024)
  let bytes = new Uint8Array(4096)
  let length = 0
  let count = 0
  // Per entry: hash, offset of its length prefix, start of its bytes, and the family that used it last.
  let hashes = new Uint32Array(64)
  let offsets = new Uint32Array(64)
  let starts = new Uint32Array(64)
  let families = new Int32Array(64)
  let buckets = new Int32Array(256).fill(-1)

  const grow = () => {
    const size = 2 * hashes.length
    hashes = enlarged(hashes, new Uint32Array(size))
    offsets = enlarged(offsets, new Uint32Array(size))
    starts = enlarged(starts, new Uint32Array(size))
    families = enlarged(families, new Int32Array(size))
    buckets = new Int32Array(4 * size).fill(-1)
    for (let entry = 0; entry < count; entry++) buckets[freeBucket(hashes[entry] as number)] = entry
  }
  const freeBucket = (hash: number): number => {
    const mask = buckets.length - 1
    let bucket = hash & mask
    while (buckets[bucket] !== -1) bucket = (bucket + 1) & mask
    return bucket
  }
  const matches = (entry: number, hash: number, size: number): boolean => {
    if (hashes[entry] !== hash) return false
    const start = starts[entry] as number
    const end = entry + 1 < count ? (offsets[entry + 1] as number) : length
    if (end - start !== size) return false
    for (let i = 0; i < size; i++) if (bytes[start + i] !== scratch[i]) return false
    return true
  }
  const append = (hash: number, size: number, bucket: number): number => {
    const needed = length + 5 + size
    if (needed > bytes.length) bytes = enlarged(bytes, new Uint8Array(2 * needed))
    const entry = count++
    hashes[entry] = hash
    offsets[entry] = length
    families[entry] = -1
    length = writeVarint(size, bytes, length)
    starts[entry] = length
    for (let i = 0; i < size; i++) bytes[length++] = scratch[i] as number
    buckets[bucket] = entry
    return entry
  }

  return {
    reset() {
      for (let entry = 0; entry < count; entry++) {
        let bucket = (hashes[entry] as number) & (buckets.length - 1)
        while (buckets[bucket] !== -1) {
          buckets[bucket] = -1
          bucket = (bucket + 1) & (buckets.length - 1)
        }
      }
      count = 0
      length = 0
    },
    reserve(size) {
      if (size > scratch.length) scratch = new Uint8Array(2 * size)
      return scratch
    },
    add(size) {
      if (count === hashes.length) grow()
      const hash = hashOf(scratch, size)
      const mask = buckets.length - 1
      let bucket = hash & mask
      for (let entry = buckets[bucket] as number; entry !== -1; entry = buckets[bucket] as number) {
        if (matches(entry, hash, size)) return entry
        bucket = (bucket + 1) & mask
      }
      return append(hash, size, bucket)
    },
    offset: (entry) => offsets[entry] as number,
    use(entry, family) {
      if (families[entry] === family) return true
      families[entry] = family
      return false
    },
    get bytes() {
      return bytes
    },
    get length() {
      return length
    },
  }
}

function enlarged<A extends Uint8Array | Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from)
  return to
}
