/** A slice of a page that is being written. */

import type { RowCursor } from '../rows/block.ts'
import type { FamilyText } from './family-text.ts'
import { LineWriter, lineBound } from './line-writer.ts'
import type { SpareBuffers } from './spare-buffers.ts'
import { createSpareBuffers } from './spare-buffers.ts'

/** Bytes of a page, in order. `isFull` from about `sliceBytes`; lines and headers are never split. */
export interface TextSlice {
  readonly length: number
  readonly isFull: boolean
  append(bytes: Uint8Array): void
  line(row: RowCursor, family: FamilyText): void
  /** What was written. The next slice has other memory, unless this was given back to the buffers. */
  take(): Uint8Array
}

/** An empty slice, with memory of these buffers. */
export function createTextSlice(sliceBytes: number, buffers: SpareBuffers = createSpareBuffers()): TextSlice {
  const lines = new LineWriter()
  let bytes: Uint8Array = new Uint8Array(0)
  let length = 0
  const makeRoom = (size: number) => {
    if (length + size <= bytes.length) return
    const larger = buffers.take(Math.max(sliceBytes + 4096, length + size, 2 * length))
    larger.set(bytes.subarray(0, length))
    if (bytes.length > 0) buffers.give(bytes)
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
