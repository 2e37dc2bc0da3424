/** Blocks compared as sets of series, and reduced to some of their rows. Pure. */

import type { RowCursor } from '../rows/block.ts'
import { blockLength, dictionaryOffset, headerLength, lowerDictionaryOffset, readU32, writeU32 } from '../rows/block.ts'

/** A series within its resource: family number and canonical label bytes. */
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

/** A block that stands alone: some rows of another, and the label sets that those need. */
export interface ReducedBlock {
  readonly bytes: Uint8Array
  readonly length: number
  readonly rows: number
}

/** A block with the rows that `keep` accepts, duplicates never; undefined when no row is left. */
export function reduceBlock(
  cursor: RowCursor,
  bytes: Uint8Array,
  at: number,
  keep: (cursor: RowCursor) => boolean,
): ReducedBlock | undefined {
  const block = selectRows(cursor, bytes, at, (row) => !row.duplicate && keep(row))
  return block.rows === 0 ? undefined : block
}

/** A block with the rows that `keep` accepts. */
export function selectRows(
  cursor: RowCursor,
  bytes: Uint8Array,
  at: number,
  keep: (cursor: RowCursor) => boolean,
): ReducedBlock {
  const dictionaryStart = headerLength + readU32(bytes, at)
  const rowsStart = dictionaryStart + readU32(bytes, at + 4)
  const reduced = new Uint8Array(blockLength(bytes, at))
  reduced.set(bytes.subarray(at, at + dictionaryStart))
  /** Offsets in the dictionary, before and after. */
  const moved = new Map<number, number>([[-1, -1]])
  /** Starts and ends of rows. */
  const kept: number[] = []
  let end = dictionaryStart
  cursor.open(bytes, at)
  while (cursor.next()) {
    if (!keep(cursor)) continue
    kept.push(at + rowsStart + cursor.rowOffset, at + rowsStart + cursor.nextRow)
    const offset = dictionaryOffset(bytes, at + rowsStart + cursor.rowOffset)
    if (moved.has(offset)) continue
    moved.set(offset, end - dictionaryStart)
    const start = at + dictionaryStart + offset
    reduced.set(bytes.subarray(start, cursor.labelsEnd), end)
    end += cursor.labelsEnd - start
  }
  writeU32(end - dictionaryStart, reduced, 4)
  const length = copyRows(bytes, kept, moved, reduced, end)
  writeU32(length - end, reduced, 8)
  return { bytes: reduced.slice(0, length), length, rows: kept.length / 2 }
}

/** Copies rows, given by starts and ends, to `end` of the target, and returns the offset behind them. */
function copyRows(
  bytes: Uint8Array,
  bounds: readonly number[],
  moved: ReadonlyMap<number, number>,
  target: Uint8Array,
  end: number,
): number {
  let to = end
  for (let i = 0; i < bounds.length; i += 2) {
    const [start, stop] = [bounds[i] as number, bounds[i + 1] as number]
    target.set(bytes.subarray(start, stop), to)
    const offset = moved.get(dictionaryOffset(bytes, start)) as number
    if (offset >= 0) lowerDictionaryOffset(target, to, offset)
    to += stop - start
  }
  return to
}
