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

export interface RowBuffer {
  /** A row whose series is the identity alone. */
  addPlain(family: number, value: number, duplicate: boolean): void
  /** A row whose labels stand at this offset of the dictionary. */
  addOwn(family: number, value: number, offset: number, duplicate: boolean): void
  /** A row whose labels are this shared set. */
  addShared(family: number, value: number, id: number, duplicate: boolean): void
  readonly bytes: Uint8Array
  readonly length: number
  readonly count: number
  readonly duplicates: number
  /** Everything written so far, to be given to `rollBack`. */
  mark(): readonly [length: number, count: number, duplicates: number]
  rollBack(mark: readonly [number, number, number]): void
}

export function createRowBuffer(): RowBuffer {
  let bytes = new Uint8Array(4096)
  let length = 0
  let count = 0
  let duplicates = 0

  /** Writes the head with the value's kind and makes room; the caller writes the place, then `putValue`. */
  const begin = (family: number, labels: number, kind: number, duplicate: boolean) => {
    if (length + rowBound > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length)
      larger.set(bytes)
      bytes = larger
    }
    const head = (family << 5) | (duplicate ? duplicateFlag : 0) | (labels << 2) | kind
    bytes[length++] = head
    bytes[length++] = head >>> 8
    count++
    if (duplicate) duplicates++
  }
  const putU16 = (value: number) => {
    bytes[length++] = value
    bytes[length++] = value >>> 8
  }
  const putValue = (value: number, kind: number) => {
    if (kind === valueU32) {
      writeU32(value, bytes, length)
      length += 4
    } else if (kind === valueF64) {
      writeF64(value, bytes, length)
      length += 8
    }
  }

  return {
    addPlain(family, value, duplicate) {
      const kind = kindOf(value)
      begin(family, labelsNone, kind, duplicate)
      putValue(value, kind)
    },
    addOwn(family, value, offset, duplicate) {
      const kind = kindOf(value)
      const near = offset < 0x10000
      begin(family, near ? labelsNear : labelsFar, kind, duplicate)
      if (near) putU16(offset)
      else {
        writeU32(offset, bytes, length)
        length += 4
      }
      putValue(value, kind)
    },
    addShared(family, value, id, duplicate) {
      const kind = kindOf(value)
      begin(family, labelsShared, kind, duplicate)
      putU16(id)
      putValue(value, kind)
    },
    get bytes() {
      return bytes
    },
    get length() {
      return length
    },
    get count() {
      return count
    },
    get duplicates() {
      return duplicates
    },
    mark: () => [length, count, duplicates],
    rollBack(mark) {
      ;[length, count, duplicates] = mark
    },
  }
}

function kindOf(value: number): number {
  if (value === 0) return valueZero
  if (value === 1) return valueOne
  return value >>> 0 === value ? valueU32 : valueF64
}
