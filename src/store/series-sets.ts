/** Blocks compared as sets of series, and reduced to some of their rows. Pure. */

import type { RowCursor } from '../rows/block.ts'
import { headerLength, identityLength, readU32, writeU32 } from '../rows/block.ts'
import { RowBuffer } from '../rows/row-buffer.ts'
import { labelsNone, labelsShared } from '../rows/row-format.ts'

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
  if (readU32(a.bytes, a.at) !== readU32(b.bytes, b.at)) return false
  if (readU32(a.bytes, a.at + 4) !== readU32(b.bytes, b.at + 4)) return false
  const labelBytes = identityLength(a.bytes, a.at) + readU32(a.bytes, a.at + 4)
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
  const block = selectRows(cursor, bytes, at, (row) => !row.duplicate && !row.withheld && keep(row))
  return block.rows === 0 ? undefined : block
}

/** The rows and label sets of the block that is being put together. */
const rows = new RowBuffer()
let dictionary = Buffer.alloc(4096)

/** A block with the rows that `keep` accepts; withheld ones stay withheld. */
export function selectRows(
  cursor: RowCursor,
  bytes: Uint8Array,
  at: number,
  keep: (cursor: RowCursor) => boolean,
): ReducedBlock {
  const dictionaryStart = at + headerLength + identityLength(bytes, at)
  if (dictionary.length < readU32(bytes, at + 4)) dictionary = Buffer.alloc(2 * readU32(bytes, at + 4))
  /** Offsets in the dictionary, before and after. */
  const moved = new Map<number, number>()
  let dictionaryLength = 0
  const move = (offset: number, end: number): number => {
    const known = moved.get(offset)
    if (known !== undefined) return known
    const to = dictionaryLength
    moved.set(offset, to)
    dictionary.set(bytes.subarray(dictionaryStart + offset, end), to)
    dictionaryLength += end - dictionaryStart - offset
    return to
  }
  rows.reset()
  cursor.openAll(bytes, at)
  while (cursor.next()) {
    if (!keep(cursor)) continue
    const { family, value, labelKind, reference, duplicate, withheld } = cursor
    const start = rows.length
    if (labelKind === labelsNone) rows.addPlain(family, value, duplicate)
    else if (labelKind === labelsShared) rows.addShared(family, value, reference, duplicate)
    else rows.addOwn(family, value, move(reference, cursor.labelsEnd), duplicate)
    if (withheld) rows.withhold(start)
  }
  return assemble(bytes.subarray(at, dictionaryStart), dictionary.subarray(0, dictionaryLength), rows)
}

/** `head` is the header and the identity. */
function assemble(head: Uint8Array, labels: Uint8Array, { bytes, length: rowsLength, count }: RowBuffer): ReducedBlock {
  const length = head.length + labels.length + rowsLength
  const block = new Uint8Array(length)
  block.set(head)
  block.set(labels, head.length)
  block.set(bytes.subarray(0, rowsLength), head.length + labels.length)
  writeU32(labels.length, block, 4)
  writeU32(rowsLength, block, 8)
  return { bytes: block, length, rows: count }
}
