/** Owns the rows of one block while they are written; a family's rows can be taken back when its callback fails. */

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

const rowBound = 14

/** Rows go in one behind the other, a family's together. */
export class RowBuffer {
  /** The bytes so far, `length` of them. */
  bytes: Uint8Array = new Uint8Array(4096)
  length = 0
  count = 0
  duplicates = 0
  #markedLength = 0
  #markedCount = 0
  #markedDuplicates = 0

  /** Begins a new block. */
  reset(): void {
    this.length = this.count = this.duplicates = 0
  }

  /** Remembers the rows so far as those that `rollBack` leaves. */
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

  /** A row whose series is the identity alone. */
  addPlain(family: number, value: number, duplicate: boolean): void {
    const kind = kindOf(value)
    this.#begin(family, labelsNone, kind, duplicate)
    this.#putValue(value, kind)
  }

  /** A row whose labels stand at this offset of the dictionary. */
  addOwn(family: number, value: number, offset: number, duplicate: boolean): void {
    const kind = kindOf(value)
    const near = offset < 0x10000
    this.#begin(family, near ? labelsNear : labelsFar, kind, duplicate)
    if (near) this.#putU16(offset)
    else this.#putU32(offset)
    this.#putValue(value, kind)
  }

  /** A row whose labels are this shared set. */
  addShared(family: number, value: number, id: number, duplicate: boolean): void {
    const kind = kindOf(value)
    this.#begin(family, labelsShared, kind, duplicate)
    this.#putU16(id)
    this.#putValue(value, kind)
  }

  /** Makes room for a row and writes its head; the labels' place and the value follow. */
  #begin(family: number, labels: number, kind: number, duplicate: boolean): void {
    if (this.length + rowBound > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length)
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.#putU16((family << 5) | (duplicate ? duplicateFlag : 0) | (labels << 2) | kind)
    this.count++
    if (duplicate) this.duplicates++
  }

  #putU16(value: number): void {
    this.bytes[this.length] = value
    this.bytes[this.length + 1] = value >>> 8
    this.length += 2
  }

  #putU32(value: number): void {
    writeU32(value, this.bytes, this.length)
    this.length += 4
  }

  #putValue(value: number, kind: number): void {
    if (kind === valueU32) this.#putU32(value)
    else if (kind === valueF64) {
      writeF64(value, this.bytes, this.length)
      this.length += 8
    }
  }
}

function kindOf(value: number): number {
  if (value === 0) return valueZero
  if (value === 1) return valueOne
  return value >>> 0 === value ? valueU32 : valueF64
}
