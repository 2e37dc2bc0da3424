/** A slice of a page that is being written. Each slice is a new buffer, because the previous one may still be in use. */

import type { RowCursor } from '../rows/block.ts'
import type { FamilyText } from './family-text.ts'
import { LineWriter, lineBound } from './line-writer.ts'

/** Bytes of a page, in order. `isFull` from about `sliceBytes`; lines and headers are never split. */
export interface TextSlice {
  readonly length: number
  readonly isFull: boolean
  append(bytes: Uint8Array): void
  line(row: RowCursor, family: FamilyText): void
  take(): Uint8Array
}

/** An empty slice. */
export function createTextSlice(sliceBytes: number): TextSlice {
  const lines = new LineWriter()
  let bytes = new Uint8Array(0)
  let length = 0
  const makeRoom = (size: number) => {
    if (length + size <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(sliceBytes + 4096, length + size, 2 * length))
    larger.set(bytes.subarray(0, length))
    bytes = larger
  }
  return {
    get length() {
      return length
    },
    get isFull() {
      return length >= sliceBytes
    },
    append(added) {
      makeRoom(added.length)
      bytes.set(added, length)
      length += added.length
    },
    line(row, family) {
      makeRoom(lineBound(row, family))
      length = lines.write(row, family, bytes, length)
    },
    take() {
      const taken = bytes.subarray(0, length)
      bytes = new Uint8Array(0)
      length = 0
      lines.leave()
      return taken
    },
  }
}
