/** Owns what two blocks have in common as sets of series, and blocks reduced to some of their rows. Pure. */

import type { RowCursor } from '../series/block.ts'
import { blockLength, headerLength, readU32, writeU32 } from '../series/block.ts'

/** A series within its resource: family index and canonical label bytes. */
export type SeriesId = string

export function seriesId(cursor: RowCursor): SeriesId {
  return `${cursor.family} ${cursor.seriesKey()}`
}

/** Adds every series of the block to `into`. */
export function collectSeries(cursor: RowCursor, bytes: Uint8Array, at: number, into: Set<SeriesId>): void {
  cursor.open(bytes, at)
  while (cursor.next()) into.add(seriesId(cursor))
}

/** Adds every series of the block that is in `among` to `into`; true if there was any. */
export function collectShared(
  cursor: RowCursor,
  bytes: Uint8Array,
  at: number,
  among: ReadonlySet<SeriesId>,
  into: Set<SeriesId>,
): boolean {
  let any = false
  cursor.open(bytes, at)
  while (cursor.next()) {
    const series = seriesId(cursor)
    if (!among.has(series)) continue
    into.add(series)
    any = true
  }
  return any
}

/** Whether two blocks hold the same series in the same order, so that at most values differ. Never wrong when true. */
export function sameSeries(
  a: { readonly cursor: RowCursor; readonly bytes: Uint8Array; readonly at: number },
  b: { readonly cursor: RowCursor; readonly bytes: Uint8Array; readonly at: number },
): boolean {
  const labelBytes = readU32(a.bytes, a.at) + readU32(a.bytes, a.at + 4)
  if (labelBytes !== readU32(b.bytes, b.at) + readU32(b.bytes, b.at + 4)) return false
  for (let i = headerLength; i < headerLength + labelBytes; i++)
    if (a.bytes[a.at + i] !== b.bytes[b.at + i]) return false
  a.cursor.open(a.bytes, a.at)
  b.cursor.open(b.bytes, b.at)
  for (;;) {
    const more = a.cursor.next()
    if (more !== b.cursor.next()) return false
    if (!more) return true
    if (!sameRow(a.cursor, b.cursor, a.at - b.at)) return false
  }
}

function sameRow(a: RowCursor, b: RowCursor, shift: number): boolean {
  if (a.family !== b.family) return false
  const own = a.labels === a.bytes
  if (own !== (b.labels === b.bytes)) return false
  const by = own && a.labelsEnd !== 0 && b.labelsEnd !== 0 ? shift : 0
  return a.labelsStart === b.labelsStart + by && a.labelsEnd === b.labelsEnd + by
}

/** A block that stands alone, with the rows kept. */
export interface ReducedBlock {
  readonly bytes: Uint8Array
  readonly rows: number
}

/** A copy of the block with only the rows that `keep` says, duplicates never; undefined when none is left. */
export function reduceBlock(
  cursor: RowCursor,
  bytes: Uint8Array,
  at: number,
  keep: (cursor: RowCursor) => boolean,
): ReducedBlock | undefined {
  const rowsStart = headerLength + readU32(bytes, at) + readU32(bytes, at + 4)
  const reduced = new Uint8Array(blockLength(bytes, at))
  reduced.set(bytes.subarray(at, at + rowsStart))
  let end = rowsStart
  let rows = 0
  cursor.open(bytes, at)
  while (cursor.next()) {
    if (cursor.duplicate || !keep(cursor)) continue
    const start = at + rowsStart
    reduced.set(bytes.subarray(start + cursor.rowOffset, start + cursor.nextRow), end)
    end += cursor.nextRow - cursor.rowOffset
    rows++
  }
  if (rows === 0) return undefined
  writeU32(end - rowsStart, reduced, 8)
  return { bytes: reduced.slice(0, end), rows }
}
