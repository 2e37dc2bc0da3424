/** The rows of a block while they are written. The rows of a family can be rolled back if its callback fails. */

import {
  duplicateFlag,
  labelsFar,
  labelsNear,
  labelsNone,
  labelsShared,
  valueF64,
  valueOne,
  valueU32,
  valueZero,
  writeF64,
  writeU32,
} from './block.ts'
import type { PreparedState } from './layout.ts'

const rowBound = 14

/** Rows in order, grouped by family. */
export class RowBuffer {
  /** The bytes so far, `length` of them. */
  bytes: Buffer = Buffer.alloc(4096)
  length = 0
  count = 0
  duplicates = 0
  #markedLength = 0
  #markedCount = 0
  #markedDuplicates = 0

  /** Starts a new block. */
  reset(): void {
    this.length = this.count = this.duplicates = 0
  }

  /** Marks the current end, to which `rollBack` returns. */
  mark(): void {
    this.#markedLength = this.length
    this.#markedCount = this.count
    this.#markedDuplicates = this.duplicates
  }

  rollBack(): void {
    this.length = this.#markedLength
    this.count = this.#markedCount
    this.duplicates = this.#markedDuplicates
  }

  /** A row without own labels. */
  addPlain(family: number, value: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const at = this.#begin(duplicate)
    this.#putHead(at, headOf(family, labelsNone, kind, duplicate))
    this.length = this.#putValue(at + 2, value, kind)
  }

  /** A row with the labels at this offset of the dictionary. */
  addOwn(family: number, value: number, offset: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const isNear = offset < 0x10000
    const at = this.#begin(duplicate)
    this.#putHead(at, headOf(family, isNear ? labelsNear : labelsFar, kind, duplicate))
    if (isNear) this.#putHead(at + 2, offset)
    else writeU32(offset, this.bytes, at + 2)
    this.length = this.#putValue(at + (isNear ? 4 : 6), value, kind)
  }

  /** A row with this shared label set. */
  addShared(family: number, value: number, id: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const at = this.#begin(duplicate)
    this.#putHead(at, headOf(family, labelsShared, kind, duplicate))
    this.#putHead(at + 2, id)
    this.length = this.#putValue(at + 4, value, kind)
  }

  /** The rows of a state set: 1 for the current state, 0 for the others. */
  addStates({ names, rows, duplicates }: StateRows, current: string): void {
    if (this.length + rows.length > this.bytes.length) this.#enlarge(rows.length)
    const bytes = this.bytes
    const start = this.length
    for (let i = 0; i < rows.length; i++) bytes[start + i] = rows[i] as number
    for (let i = 0; i < names.length; i++) {
      if (names[i] === current) bytes[start + stateRowLength * i] = (rows[stateRowLength * i] as number) | valueOne
    }
    this.length = start + rows.length
    this.count += names.length
    this.duplicates += duplicates
  }

  /** Reserves a row and counts it; returns its offset. */
  #begin(duplicate: boolean): number {
    if (this.length + rowBound > this.bytes.length) this.#enlarge(rowBound)
    this.count++
    if (duplicate) this.duplicates++
    return this.length
  }

  #enlarge(needed: number): void {
    const larger = Buffer.alloc(2 * (this.bytes.length + needed))
    larger.set(this.bytes)
    this.bytes = larger
  }

  /** The u16 at the start of a row, and the label reference of most rows. */
  #putHead(at: number, value: number): void {
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

/** The prepared rows of a state set whose label sets are all shared. */
export interface StateRows {
  readonly names: readonly string[]
  /** Each with length `stateRowLength` and value 0. */
  readonly rows: Uint8Array
  readonly duplicates: number
}

const stateRowLength = 4

/** Prepares the rows of a state set; undefined if one of its label sets is not shared. */
export function prepareStateRows(family: number, states: readonly PreparedState[]): StateRows | undefined {
  const buffer = new RowBuffer()
  for (const { shared, repeated } of states) {
    if (shared === undefined) return undefined
    buffer.addShared(family, 0, shared, repeated)
  }
  const rows = new Uint8Array(buffer.bytes.subarray(0, buffer.length))
  return { names: states.map(({ name }) => name), rows, duplicates: buffer.duplicates }
}

function headOf(family: number, labels: number, kind: number, duplicate: boolean): number {
  return (family << 5) | (duplicate ? duplicateFlag : 0) | (labels << 2) | kind
}

function kindOf(value: number): number {
  if (value === 0) return valueZero
  if (value === 1) return valueOne
  return value >>> 0 === value ? valueU32 : valueF64
}
