/**
 * The objects of all resources with their blocks: how they arrive, change and leave, and what that means for series, limits and
 * ledgers.
 */

import { countRows, RowCursor } from '../rows/block.ts'
import type { WrittenBlock } from '../rows/block-writer.ts'
import { createArena } from './arena.ts'
import { createEndedSeries } from './ended-series.ts'
import type { Ledger, LedgerInput } from './ledger.ts'
import { hasLimits } from './limit-scope.ts'
import type { ObjectTable } from './object-table.ts'
import { createObjectTable } from './object-table.ts'
import type { Entry, StoreLimits } from './series-limits.ts'
import { createStoreLimits } from './series-limits.ts'
import type { SeriesId } from './series-sets.ts'
import { collectSeries, sameSeries, selectRows } from './series-sets.ts'
import { createSlots } from './slots.ts'
import type { ObjectKey, RemovalReason, StoreOptions } from './store.ts'

type StoredBlock = Pick<WrittenBlock, 'bytes' | 'length' | 'rows'>

export function createStoredObjects({
  registry,
  now,
  revisionOf = () => 0,
  isHeld = () => false,
  limits: seriesLimits,
  onLimit = () => {},
}: StoreOptions) {
  const slots = createSlots()
  const arena = createArena()
  const cursor = new RowCursor(registry.shared)
  const other = new RowCursor(registry.shared)
  /** In the order in which they were opened. */
  const ledgers = new Set<Ledger & LedgerInput>()
  const endedSeries = createEndedSeries({ slots, arena, cursors: [cursor, other], ledgers, now, revisionOf, isHeld })
  const tables: ObjectTable[] = []
  const tableOf = (resource: number): ObjectTable => {
    const known = tables[resource]
    if (known !== undefined) return known
    const table = createObjectTable(slots)
    tables[resource] = table
    return table
  }
  function* liveSlots() {
    for (const { live } of tables.filter(({ live }) => live.length > 0)) yield* live
  }
  const limits =
    seriesLimits !== undefined && hasLimits(seriesLimits)
      ? createStoreLimits({ limits: seriesLimits, registry, slots, arena, liveSlots, onLimit })
      : undefined
  /** Series by family. */
  const familySeries: number[] = []

  const countStored = (slot: number, sign: 1 | -1) => {
    countRows(arena.bytes(slot), arena.offset(slot), sign, familySeries)
  }
  const seriesOf = ({ bytes }: Pick<StoredBlock, 'bytes'>): Set<SeriesId> => {
    const series = new Set<SeriesId>()
    collectSeries(other, bytes, 0, series)
    return series
  }
  const admit = (slot: number) => {
    if (isHeld(slots.uid[slot] as string)) return
    for (const ledger of ledgers) ledger.admitted(slot, now())
  }
  const add = (resource: number, key: ObjectKey, group: string, block: WrittenBlock, epoch: number) => {
    const table = tableOf(resource)
    const slot = slots.allocate()
    slots.resource[slot] = resource
    slots.epoch[slot] = epoch
    table.add(slot, key.uid, group)
    const entry = limits?.enter(slot, block.bytes)
    const rows = limits === undefined ? block.rows : limits.admittedRows(slot, block.rows)
    slots.rows[slot] = rows
    table.series += rows
    arena.set(slot, block.bytes, block.length)
    countStored(slot, 1)
    for (const ledger of ledgers) ledger.added(slot)
    endedSeries.cancel(slot, () => seriesOf(block))
    // Its former owner may have sent the same series.
    if (isHeld(key.uid)) for (const ledger of ledgers) ledger.takesOver(slot, now())
    if (table.synced) admit(slot)
    entry?.moved.forEach(markRows)
  }
  const replace = (table: ObjectTable, slot: number, block: StoredBlock) => {
    const rows = limits === undefined ? block.rows : limits.admittedRows(slot, block.rows)
    const added = rows - (slots.rows[slot] as number)
    table.series += added
    slots.rows[slot] = rows
    for (const ledger of ledgers) ledger.resized(slot, added)
    slots.version[slot] = (slots.version[slot] as number) + 1
    countStored(slot, -1)
    arena.set(slot, block.bytes, block.length)
    countStored(slot, 1)
  }
  /** Limits may admit other rows of the object than before. */
  const markRows = (slot: number) => {
    const start = arena.offset(slot)
    const length = arena.length(slot)
    const bytes = arena.bytes(slot).slice(start, start + length)
    const { rows, withheld, returned } = (limits as StoreLimits).mark(slot, bytes, 0)
    if (withheld + returned > 0)
      exchange(tableOf(slots.resource[slot] as number), slot, { bytes, length, rows }, returned, true)
  }
  /** Replaces the block without a new observation: rows are gone, withheld by limits if so said, and so many returned. */
  const exchange = (table: ObjectTable, slot: number, block: StoredBlock, returned: number, isWithheld = false) => {
    const series = seriesOf(block)
    if (returned > 0) endedSeries.cancel(slot, () => series)
    endedSeries.end(table, slot, { staying: series, isWithheld })
    replace(table, slot, block)
    for (const ledger of ledgers) {
      if (returned > 0) ledger.changed(slot, now())
      else ledger.stripped(slot, now())
    }
  }
  /** The object is about to get another block. */
  const enterAgain = (slot: number, bytes: Uint8Array): Entry | undefined => {
    limits?.leave(slot)
    return limits?.enter(slot, bytes)
  }
  const change = (table: ObjectTable, slot: number, block: WrittenBlock) => {
    const entry = enterAgain(slot, block.bytes)
    const before = { cursor, bytes: arena.bytes(slot), at: arena.offset(slot) }
    if (ledgers.size > 0 && !sameSeries(before, { cursor: other, bytes: block.bytes, at: 0 })) {
      const series = seriesOf(block)
      endedSeries.cancel(slot, () => series)
      endedSeries.end(table, slot, { staying: series })
    }
    replace(table, slot, block)
    for (const ledger of ledgers) ledger.changed(slot, now())
    entry?.moved.forEach(markRows)
  }
  /** Removes rows without a new observation; their series end. */
  const strip = (table: ObjectTable, slot: number, keeps: (family: number) => boolean) => {
    let isWhole = true
    const block = selectRows(cursor, arena.bytes(slot), arena.offset(slot), ({ family }) => {
      const isKept = keeps(family)
      isWhole &&= isKept
      return isKept
    })
    if (isWhole) return
    const entry = enterAgain(slot, block.bytes)
    exchange(table, slot, block, entry?.returned ?? 0)
    entry?.moved.forEach(markRows)
  }
  const remove = (table: ObjectTable, slot: number, reason: RemovalReason, staying?: ReadonlySet<SeriesId>) => {
    if (reason === 'handed over') endedSeries.handOver(table, slot)
    else endedSeries.end(table, slot, { staying, isUnconfirmed: reason === 'unconfirmed' })
    for (const ledger of ledgers) ledger.removed(slot)
    table.remove(slot)
    table.series -= slots.rows[slot] as number
    countStored(slot, -1)
    limits?.leave(slot)
    arena.remove(slot)
    slots.free(slot)
    limits?.settle().forEach(markRows)
  }

  return {
    ...{ slots, arena, cursor, ledgers, tables, tableOf, familySeries, limits },
    seriesOf,
    admit,
    /** A new object, seen in the relist epoch. */
    add,
    change,
    strip,
    /** `staying` are series that other objects have. */
    remove,
    /** Compares an observation of the object with its block, after the same rows are marked as withheld. */
    isStored(slot: number, block: WrittenBlock): boolean {
      if (limits?.withholdsRows(slot)) limits.mark(slot, block.bytes, 0)
      return arena.holds(slot, block)
    },
  }
}
