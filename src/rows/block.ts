/**
 * The row block: all series of one object as bytes. docs/row-blocks.md has a picture.
 *
 *     header       identityLength · dictionaryLength · rowsLength · startSeconds · joined (u32 each, little-endian)
 *     identity     canonical label bytes, first on every series
 *     dictionary   varint length and canonical label bytes, each set once
 *     row          head, family, label reference, value; rows of a family follow each other, families ascend
 *
 * The head is one byte: family << 6 | withheld << 5 | duplicate << 4 | labels << 2 | value. The family is that of the row
 * before, the next number, a u8 beyond that, or a u24. The label reference is empty, a u16 or u32 offset into the
 * dictionary, or the u16 number of a shared set. The value is empty for 0 and 1, a u32, or a float64. Most rows take 3 to 7
 * bytes. `joined` is the number of a label set that comes from other objects; 0: none.
 *
 * In a sorted block (a flag in identityLength) the labels of a series are ordered by name as a whole: those of a shared label
 * set, whose u16 number stands before the identity, those of the identity, and those of the row, each part sorted and
 * without the names of the others. A label set that begins with `wholeMark` stands alone.
 */

import { afterVarint, latin1, readVarint } from './label-bytes.ts'
import {
  constantsLength,
  duplicateFlag,
  familyLengths,
  familyNear,
  familyNearBase,
  familyNext,
  familySame,
  labelsFar,
  labelsNear,
  labelsNone,
  labelsShared,
  rowLengths,
  sortedFlag,
  valueLengths,
  valueOne,
  valueU32,
  valueZero,
  wholeMark,
  withheldFlag,
} from './row-format.ts'
import type { SharedLabelSets } from './shared-label-sets.ts'
import { joinSorted } from './sorted-labels.ts'

export const headerLength = 20

const float = new Float64Array(1)
const floatBytes = new Uint8Array(float.buffer)

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}

export function writeU32(value: number, bytes: Uint8Array, at: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

export function readF64(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i] as number
  return float[0] as number
}

export function writeF64(value: number, bytes: Uint8Array, at: number): void {
  float[0] = value
  for (let i = 0; i < 8; i++) bytes[at + i] = floatBytes[i] as number
}

/** The family that a near or far step leads to, whose bytes are at `at`. */
export function readFamily(step: number, before: number, bytes: Uint8Array, at: number): number {
  if (step === familyNear) return before + familyNearBase + (bytes[at] as number)
  return readU16(bytes, at) | ((bytes[at + 2] as number) << 16)
}

/** The length of the identity of the block at `at`, with all that stands between header and dictionary. */
export function identityLength(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) & ~sortedFlag
}

/** The length of the block that starts at `at`. */
export function blockLength(bytes: Uint8Array, at: number): number {
  return headerLength + identityLength(bytes, at) + readU32(bytes, at + 4) + readU32(bytes, at + 8)
}

/** Adds `sign` to the count of its family for each row of the block at `at` that is not withheld. Reads no labels and values. */
export function countRows(bytes: Uint8Array, at: number, sign: 1 | -1, counts: number[]): void {
  const end = at + blockLength(bytes, at)
  let family = -1
  let count = 0
  for (let row = end - readU32(bytes, at + 8); row < end; ) {
    const head = bytes[row] as number
    const step = head >>> 6
    if (step !== familySame) {
      if (count > 0) counts[family] = (counts[family] ?? 0) + sign * count
      count = 0
      family = step === familyNext ? family + 1 : readFamily(step, family, bytes, row + 1)
    }
    if ((head & withheldFlag) === 0) count++
    row += rowLengths[head] as number
  }
  if (count > 0) counts[family] = (counts[family] ?? 0) + sign * count
}

/**
 * Iterates over the rows of a block: `open`, then `next` until it returns false. The fields describe the current row. A
 * cursor must be opened again after bytes may have moved.
 */
export class RowCursor {
  /** The family's number in the registry. */
  family = 0
  /** The labels of the row (after the identity) as canonical bytes. */
  labels: Uint8Array
  labelsStart = 0
  labelsEnd = 0
  /** The position of the identity in the buffer; empty if the row stands alone. */
  bytes: Uint8Array
  identityStart = 0
  identityEnd = 0
  /** Whether the labels are sorted as a whole: `constants`, identity and own labels are to be merged by name. */
  isSorted = false
  /** More labels of the row if it is sorted and does not stand alone. */
  constants: Uint8Array
  constantsStart = 0
  constantsEnd = 0
  /** The end of the constant labels of the rows that do not stand alone. */
  blockConstantsEnd = 0
  /** Bytes of identity and constant labels. */
  commonLength = 0
  /** Start of counters in Unix seconds; 0 when unknown. */
  startSeconds = 0
  /** Offsets of the current and the next row, relative to the first row. */
  rowOffset = 0
  nextRow = 0
  /** The end of the dictionary, which follows the identity. */
  dictionaryEnd = 0
  readonly #shared: SharedLabelSets
  #dictionary = 0
  #rows = 0
  #end = 0
  #head = 0
  #valueAt = 0
  #stopsAtWithheld = false
  /** The cached identity as a string. */
  #identityKey: string | undefined

  constructor(shared: SharedLabelSets) {
    this.#shared = shared
    this.bytes = shared.bytes
    this.labels = shared.bytes
    this.constants = shared.bytes
  }

  /**
   * Positions the cursor before the row at `from` (an earlier `rowOffset` or `nextRow`; 0 is the first), which follows a row of
   * `family`. `next` passes over withheld rows.
   */
  open(bytes: Uint8Array, at: number, from = 0, family = -1): this {
    this.bytes = bytes
    this.identityStart = at + headerLength
    this.identityEnd = this.identityStart + identityLength(bytes, at)
    this.#dictionary = this.identityEnd
    this.dictionaryEnd = this.#dictionary + readU32(bytes, at + 4)
    this.#rows = this.dictionaryEnd
    this.#end = this.#rows + readU32(bytes, at + 8)
    this.startSeconds = readU32(bytes, at + 12)
    this.nextRow = from
    this.family = family
    this.#stopsAtWithheld = false
    this.#identityKey = undefined
    this.isSorted = (readU32(bytes, at) & sortedFlag) !== 0
    this.#openConstants()
    return this
  }

  /** As `open`, but `next` stops at withheld rows too. */
  openAll(bytes: Uint8Array, at: number, from = 0, family = -1): this {
    this.open(bytes, at, from, family)
    this.#stopsAtWithheld = true
    return this
  }

  /** Goes to the next row; false at the end. */
  next(): boolean {
    const bytes = this.bytes
    let head: number
    do {
      let at = this.#rows + this.nextRow
      if (at >= this.#end) return false
      this.rowOffset = this.nextRow
      head = bytes[at++] as number
      const step = head >>> 6
      if (step < familyNear) this.family += step
      else {
        this.family = readFamily(step, this.family, bytes, at)
        at += familyLengths[step] as number
      }
      at = this.#readLabels((head >>> 2) & 3, at)
      this.#valueAt = at
      this.nextRow = at + (valueLengths[head & 3] as number) - this.#rows
    } while ((head & withheldFlag) !== 0 && !this.#stopsAtWithheld)
    this.#head = head
    if (this.isSorted) this.#readMark()
    return true
  }

  get value(): number {
    const kind = this.#head & 3
    if (kind === valueZero) return 0
    if (kind === valueOne) return 1
    return kind === valueU32 ? readU32(this.bytes, this.#valueAt) : readF64(this.bytes, this.#valueAt)
  }

  /** Whether the same series occurs earlier in this block. */
  get duplicate(): boolean {
    return (this.#head & duplicateFlag) !== 0
  }

  /** Whether a limit withholds the row. */
  get withheld(): boolean {
    return (this.#head & withheldFlag) !== 0
  }

  /** How the labels are referred to. */
  get labelKind(): number {
    return (this.#head >>> 2) & 3
  }

  /** The offset of the labels in the dictionary, or the number of the shared set. */
  get reference(): number {
    const at = this.#rows + this.rowOffset + 1 + (familyLengths[this.#head >>> 6] as number)
    return this.labelKind === labelsFar ? readU32(this.bytes, at) : readU16(this.bytes, at)
  }

  #openConstants(): void {
    this.constantsStart = this.constantsEnd = this.blockConstantsEnd = 0
    this.commonLength = this.identityEnd - this.identityStart
    if (!this.isSorted) return
    const id = readU16(this.bytes, this.identityStart)
    this.identityStart += constantsLength
    this.constants = this.#shared.bytes
    this.constantsStart = this.#shared.start(id)
    this.constantsEnd = this.blockConstantsEnd = this.#shared.end(id)
    this.commonLength += this.constantsEnd - this.constantsStart - constantsLength
  }

  /** Hides what is common to the rows of a sorted block if the labels stand alone, and shows it otherwise. */
  #readMark(): void {
    const isWhole = this.labelsStart < this.labelsEnd && this.labels[this.labelsStart] === wholeMark
    if (isWhole) this.labelsStart++
    this.identityEnd = isWhole ? this.identityStart : this.#dictionary
    this.constantsEnd = isWhole ? this.constantsStart : this.blockConstantsEnd
    this.commonLength = this.identityEnd - this.identityStart + this.constantsEnd - this.constantsStart
  }

  #readLabels(kind: number, at: number): number {
    const bytes = this.bytes
    if (kind === labelsNone) {
      this.labels = bytes
      this.labelsStart = this.labelsEnd = 0
      return at
    }
    if (kind === labelsShared) {
      const shared = this.#shared
      const id = readU16(bytes, at)
      this.labels = shared.bytes
      this.labelsStart = shared.start(id)
      this.labelsEnd = shared.end(id)
      return at + 2
    }
    const near = kind === labelsNear
    const offset = near ? readU16(bytes, at) : readU32(bytes, at)
    const length = readVarint(bytes, this.#dictionary + offset)
    this.labels = bytes
    this.labelsStart = afterVarint()
    this.labelsEnd = this.labelsStart + length
    return at + (near ? 2 : 4)
  }

  /** The series within its family, as a string of the canonical bytes of all labels. */
  seriesKey(): string {
    if (this.isSorted) return joinSorted(this)
    this.#identityKey ??= latin1(this.bytes, this.identityStart, this.identityEnd)
    return this.#identityKey + latin1(this.labels, this.labelsStart, this.labelsEnd)
  }
}
