/**
 * Which series end when an object leaves or changes: those that no other object of its name has. Computed once, and
 * reported to every ledger whose destination may have them.
 */

import type { RowCursor } from '../rows/block.ts'
import type { Arena } from './arena.ts'
import type { LedgerInput } from './ledger.ts'
import type { ObjectTable } from './object-table.ts'
import type { ReducedBlock, SeriesId } from './series-sets.ts'
import { collectSeries, collectShared, reduceBlock, seriesId } from './series-sets.ts'
import type { Slots } from './slots.ts'

const noSeries: ReadonlySet<SeriesId> = new Set()

export interface EndedSeriesOptions {
  readonly slots: Slots
  readonly arena: Arena
  /** Two, since one block is read while another is. */
  readonly cursors: readonly [RowCursor, RowCursor]
  readonly ledgers: ReadonlySet<LedgerInput>
  readonly now: () => number
  /** The revision up to which all changes of a resource are in the store; 0 when that is not known. */
  readonly revisionOf: (resource: number) => number
  /** Whether the object is held. */
  readonly isHeld: (uid: string) => boolean
}

export interface HowSeriesEnd {
  readonly staying?: ReadonlySet<SeriesId> | undefined
  readonly isUnconfirmed?: boolean
  /** Limits withhold the series; the object itself did not change. */
  readonly isWithheld?: boolean
}

export interface EndedSeries {
  /** The object's series end, except `staying`, with stale markers, which wait until they are confirmed if so wanted. */
  end(table: ObjectTable, slot: number, how: HowSeriesEnd): void
  /** The object leaves, and its series live on elsewhere. */
  handOver(table: ObjectTable, slot: number): void
  /** The object has these series: what ended of them before is cancelled. `series` is called if that is the case at all. */
  cancel(slot: number, series: () => ReadonlySet<SeriesId>): void
}

export function createEndedSeries({
  slots,
  arena,
  cursors,
  ledgers,
  now,
  revisionOf,
  isHeld,
}: EndedSeriesOptions): EndedSeries {
  const [cursor, other] = cursors
  const concerned = (slot: number) => [...ledgers].filter((ledger) => ledger.mayHave(slot))
  const groupOf = (slot: number) => slots.group[slot] as string
  const isAlone = (table: ObjectTable, slot: number) =>
    table.firstOf(groupOf(slot)) === slot && slots.nextInGroup[slot] === -1

  /** What is left of the series without those of other objects of the name, which now have them alone and are due again. */
  const withoutShared = (table: ObjectTable, slot: number, gone: Set<SeriesId>, of: readonly LedgerInput[]) => {
    const shared = new Set<SeriesId>()
    for (let mate = table.firstOf(groupOf(slot)); mate !== -1; mate = slots.nextInGroup[mate] as number) {
      if (mate === slot || !collectShared(other, arena.bytes(mate), arena.offset(mate), gone, shared)) continue
      for (const ledger of of) ledger.takesOver(mate, now())
    }
    for (const series of shared) gone.delete(series)
    return gone
  }
  const seriesOf = (slot: number, staying: ReadonlySet<SeriesId>) => {
    const series = new Set<SeriesId>()
    collectSeries(other, arena.bytes(slot), arena.offset(slot), series)
    for (const stays of staying) series.delete(stays)
    return series
  }
  const endedBlock = (
    table: ObjectTable,
    slot: number,
    staying: ReadonlySet<SeriesId>,
    of: readonly LedgerInput[],
  ): ReducedBlock | undefined => {
    const [bytes, at] = [arena.bytes(slot), arena.offset(slot)]
    // The usual end of an object is that of all its series: no need to name them.
    if (staying.size === 0 && isAlone(table, slot)) return reduceBlock(cursor, bytes, at, () => true)
    const gone = withoutShared(table, slot, seriesOf(slot, staying), of)
    return gone.size === 0 ? undefined : reduceBlock(cursor, bytes, at, (row) => gone.has(seriesId(row)))
  }

  return {
    end(table, slot, { staying = noSeries, isUnconfirmed = false, isWithheld = false }) {
      // Before all objects are listed, limits admit too much: a leader that has listed them all has withheld this as well.
      const of = isWithheld && !table.synced ? [...ledgers].filter((one) => one.hasSent(slot)) : concerned(slot)
      if (of.length === 0) return
      const block = endedBlock(table, slot, staying, of)
      if (block === undefined) return
      const resource = slots.resource[slot] as number
      const withheld = { isHeld: isHeld(slots.uid[slot] as string), isUnconfirmed }
      const at = { now: now(), revision: revisionOf(resource) }
      for (const ledger of of) ledger.ended(resource, groupOf(slot), block, at, withheld)
    },
    handOver(table, slot) {
      const of = concerned(slot)
      if (of.length > 0 && !isAlone(table, slot)) withoutShared(table, slot, seriesOf(slot, noSeries), of)
    },
    cancel(slot, series) {
      const resource = slots.resource[slot] as number
      let live: ReadonlySet<SeriesId> | undefined
      for (const ledger of ledgers) {
        if (!ledger.hasMarkers(resource, groupOf(slot))) continue
        live ??= series()
        ledger.returned(slot, live)
      }
    },
  }
}
