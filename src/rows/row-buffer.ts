/** The rows of a block while they are written. The rows of a family can be rolled back if its callback fails. */

import { writeF64, writeU32 } from './block.ts'
import { BlockLimitError, maxKeptBytes, maxRowBytes } from './block-limits.ts'
import type { PreparedState } from './layout.ts'
import {
  duplicateFlag,
  familyFar,
  familyNear,
  familyNearBase,
  familyNext,
  familySame,
  labelsFar,
  labelsNear,
  labelsNone,
  labelsShared,
  valueF64,
  valueOne,
  valueU32,
  valueZero,
  withheldFlag,
} from './row-format.ts'

const initialBytes = 4096
/** Head, family, label reference and value at most. */
const rowBound = 1 + 3 + 4 + 8
const noFamily = -1

/** Rows in order, grouped by family. */
export class RowBuffer {
  /** The bytes so far, `length` of them. */
  bytes: Buffer = Buffer.alloc(initialBytes)
  length = 0
  count = 0
  duplicates = 0
  /** Of the last row. */
  #family = noFamily
  #markedLength = 0
  #markedCount = 0
  #markedDuplicates = 0
  #markedFamily = noFamily

  /** Starts a new block. */
  reset(): void {
    this.length = this.count = this.duplicates = 0
    this.#family = noFamily
    if (this.bytes.length > maxKeptBytes) this.bytes = Buffer.alloc(initialBytes)
  }

  /** Marks the current end, to which `rollBack` returns. */
  mark(): void {
    this.#markedLength = this.length
    this.#markedCount = this.count
    this.#markedDuplicates = this.duplicates
    this.#markedFamily = this.#family
  }

  rollBack(): void {
    this.length = this.#markedLength
    this.count = this.#markedCount
    this.duplicates = this.#markedDuplicates
    this.#family = this.#markedFamily
  }

  /** A row whose series is the identity alone. */
  addPlain(family: number, value: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const at = this.#begin(family, headOf(labelsNone, kind, duplicate))
    this.length = this.#putValue(at, value, kind)
  }

  /** A row with the labels at this offset of the dictionary. */
  addOwn(family: number, value: number, offset: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const isNear = offset < 0x10000
    const at = this.#begin(family, headOf(isNear ? labelsNear : labelsFar, kind, duplicate))
    if (isNear) this.#putU16(at, offset)
    else writeU32(offset, this.bytes, at)
    this.length = this.#putValue(at + (isNear ? 2 : 4), value, kind)
  }

  /** A row with this shared label set. */
  addShared(family: number, value: number, id: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const at = this.#begin(family, headOf(labelsShared, kind, duplicate))
    this.#putU16(at, id)
    this.length = this.#putValue(at + 2, value, kind)
  }

  /** The rows of a state set: 1 for the current state, 0 for the others. */
  addStates(family: number, { names, rows, duplicates }: StateRows, current: string): void {
    if (names.length === 0) return
    if (this.length + rows.length + rowBound > this.bytes.length) this.#enlarge(rows.length + rowBound)
    const first = (rows[0] as number) | (names[0] === current ? valueOne : 0)
    let at = this.#putHead(family, first)
    const bytes = this.bytes
    // The first row differs by its family; the others are of the same and can be copied.
    const start = at - 1
    for (let i = 1; i < rows.length; i++) bytes[at++] = rows[i] as number
    for (let i = 1; i < names.length; i++) {
      if (names[i] === current) {
        const head = start + stateRowLength * i
        bytes[head] = (bytes[head] as number) | valueOne
      }
    }
    this.length = at
    this.count += names.length
    this.duplicates += duplicates
  }

  /** Marks the last row, which starts at `at`, as withheld. */
  withhold(at: number): void {
    this.bytes[at] = (this.bytes[at] as number) | withheldFlag
  }

  /** Reserves space for a row, counts it and writes its head; returns the offset after head and family. */
  #begin(family: number, head: number): number {
    if (this.length + rowBound > this.bytes.length) this.#enlarge(rowBound)
    this.count++
    if ((head & duplicateFlag) !== 0) this.duplicates++
    return this.#putHead(family, head)
  }

  #enlarge(needed: number): void {
    if (this.length + needed > maxRowBytes) throw new BlockLimitError('rows', maxRowBytes)
    const larger = Buffer.alloc(Math.min(2 * (this.bytes.length + needed), maxRowBytes))
    larger.set(this.bytes)
    this.bytes = larger
  }

  /** Writes the head and the family of a row; returns the offset after them. */
  #putHead(family: number, head: number): number {
    const at = this.length
    if (family !== this.#family) return this.#putFamily(family, head, at)
    this.bytes[at] = head | (familySame << 6)
    return at + 1
  }

  /** As `#putHead`, for the first row of a family. */
  #putFamily(family: number, head: number, at: number): number {
    const bytes = this.bytes
    const step = family - this.#family
    this.#family = family
    if (step === 1) {
      bytes[at] = head | (familyNext << 6)
      return at + 1
    }
    if (step >= familyNearBase && step < familyNearBase + 0x100) {
      bytes[at] = head | (familyNear << 6)
      bytes[at + 1] = step - familyNearBase
      return at + 2
    }
    bytes[at] = head | (familyFar << 6)
    this.#putU16(at + 1, family)
    bytes[at + 3] = family >>> 16
    return at + 4
  }

  #putU16(at: number, value: number): void {
    this.bytes[at] = value
    this.bytes[at + 1] = value >>> 8
  }

  /** Returns the offset after the value. */
  #putValue(at: number, value: number, kind: number): number {
    if (kind < valueU32) return at
    if (kind === valueU32) {
      writeU32(value, this.bytes, at)
      return at + 4
    }
    writeF64(value, this.bytes, at)
    return at + 8
  }
}

/** The rows of a state set whose label sets are all shared, prepared for copying. */
export interface StateRows {
  readonly names: readonly string[]
  /** Each `stateRowLength` bytes long, with value 0, of the same family as the row before. */
  readonly rows: Uint8Array
  readonly duplicates: number
}

/** Head and number of the shared set. */
const stateRowLength = 3

/** Prepares the rows of a state set; undefined if one of its label sets is not shared. */
export function prepareStateRows(states: readonly PreparedState[]): StateRows | undefined {
  const buffer = new RowBuffer()
  for (const { shared, repeated } of states) {
    if (shared === undefined) return undefined
    buffer.addShared(noFamily, 0, shared, repeated)
  }
  const rows = new Uint8Array(buffer.bytes.subarray(0, buffer.length))
  return { names: states.map(({ name }) => name), rows, duplicates: buffer.duplicates }
}

function headOf(labels: number, kind: number, duplicate: boolean): number {
  return (duplicate ? duplicateFlag : 0) | (labels << 2) | kind
}

function kindOf(value: number): number {
  if (value === 0) return valueZero
  if (value === 1) return valueOne
  return value >>> 0 === value ? valueU32 : valueF64
}
