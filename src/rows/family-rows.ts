/** The rows of a block by family. */

import { blockLength, readFamily, readU32 } from './block.ts'
import { familyNext, familySame, rowLengths, withheldFlag } from './row-format.ts'

/** Receives the rows of one family, which are in `bytes[start, end)`, withheld ones included. */
export type FamilyRowsVisitor = (family: number, rows: number, start: number, end: number) => void

/** Visits the families of the block at `at` in ascending order. Reads no labels and values. */
export function eachFamily(bytes: Uint8Array, at: number, visit: FamilyRowsVisitor): void {
  const end = at + blockLength(bytes, at)
  let start = end - readU32(bytes, at + 8)
  let family = -1
  let rows = 0
  for (let row = start; row < end; ) {
    const head = bytes[row] as number
    const step = head >>> 6
    if (step !== familySame) {
      if (rows > 0) visit(family, rows, start, row)
      rows = 0
      start = row
      family = step === familyNext ? family + 1 : readFamily(step, family, bytes, row + 1)
    }
    rows++
    row += rowLengths[head] as number
  }
  if (rows > 0) visit(family, rows, start, end)
}

/** Sets whether the rows in `bytes[start, end)` are withheld, and returns how many of them were not so before. */
export function setWithheld(bytes: Uint8Array, start: number, end: number, isWithheld: boolean): number {
  let changed = 0
  for (let row = start; row < end; ) {
    const head = bytes[row] as number
    if (((head & withheldFlag) !== 0) !== isWithheld) {
      bytes[row] = head ^ withheldFlag
      changed++
    }
    row += rowLengths[head] as number
  }
  return changed
}
