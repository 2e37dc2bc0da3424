/**
 * The objects and their row blocks. An object is known by its UID within its resource; series belong to resource, namespace
 * and name, so that an object that is deleted and created again continues its series. What a destination has and needs is
 * in its ledger. No Kubernetes object is kept.
 */

import { countRows, RowCursor } from '../rows/block.ts'
import type { WrittenBlock } from '../rows/block-writer.ts'
import type { Registry } from '../rows/registry.ts'
import { createArena } from './arena.ts'
import { eachBackwards } from './each-backwards.ts'
import { createEndedSeries } from './ended-series.ts'
import type { Ledger, LedgerInput, LedgerSelection } from './ledger.ts'
import { createLedger } from './ledger.ts'
import type { ObjectTable } from './object-table.ts'
import { createObjectTable, groupOf, namespaceOf } from './object-table.ts'
import type { ResourceReader } from './resource-reader.ts'
import { createResourceReader } from './resource-reader.ts'
import type { SeriesId } from './series-sets.ts'
import { collectSeries, sameSeries, selectRows } from './series-sets.ts'
import { createSlots } from './slots.ts'
import type { MarkerLimits } from './stale-markers.ts'

/** What identifies an object; `namespace` is empty for cluster-scoped kinds. */
export interface ObjectKey {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export type PutOutcome = 'added' | 'changed' | 'unchanged'

/** Why an object leaves: `deleted` ends its series with stale markers; `handed over` leaves them to their new owner. */
export type RemovalReason = 'deleted' | 'handed over'

export interface StoreOptions {
  /** Resources are known by their numbers there. */
  readonly registry: Registry
  /** Milliseconds of a monotonic clock, the same as that of the pushes. */
  readonly now: () => number
  /**
   * The revision up to which all changes of a resource are in the store, for the stale markers of what ends after it; 0 when
   * that is not known, as by default.
   */
  readonly revisionOf?: (resource: number) => number
  /** Whether the object is held: it is stored and served, but not sent while a former owner may send it. Never by default. */
  readonly isHeld?: (uid: string) => boolean
}

export interface Store {
  readonly registry: Registry
  /** Stores the object's block in place of what it had. */
  put(resource: number, key: ObjectKey, block: WrittenBlock): PutOutcome
  /** The object leaves; its series end unless another object of its name has them. False when it was not there. */
  remove(resource: number, uid: string, reason: RemovalReason): boolean
  /** A complete list begins; returns its epoch. Objects serve on until `removeMissing`. */
  beginRelist(): number
  /**
   * The list is complete: removes what was not put since, in one namespace or (undefined) in all. Each step looks at
   * `perStep` objects and yields how many of them it removed; the store may change between steps.
   */
  removeMissing(
    resource: number,
    epoch: number,
    namespace: string | undefined,
    reasonOf: (uid: string) => RemovalReason,
    perStep: number,
  ): Generator<number, void>
  /**
   * The resource's initial list is complete: its objects may be pushed. Each step admits `perStep` of them; the store may
   * change between steps.
   */
  markSynced(resource: number, perStep: number): Generator<void, void>
  /**
   * The resource was deselected: forgets that it was synced and removes its objects, `perStep` at each step.
   */
  removeAll(resource: number, reason: RemovalReason, perStep: number): Generator<void, void>
  /**
   * Removes objects that are not included any more, by their namespace (empty for cluster-scoped ones) and UID. Each step
   * looks at `perStep` objects; the store and what is included may change between steps.
   */
  removeOutside(
    resource: number,
    includes: (namespace: string, uid: string) => boolean,
    reason: RemovalReason,
    perStep: number,
  ): Generator<void, void>
  /**
   * An object of this name is sent by another process. Ours of this name leave; of their series and of pending stale markers,
   * those that the other object has are left to its owner. `write` is called if there are any.
   */
  leaveTo(resource: number, key: ObjectKey, write: () => WrittenBlock): void
  /** Removes the rows of other families than those that `keeps` names, which end with stale markers. */
  strip(resource: number, keeps: (family: number) => boolean, perStep: number): Generator<void, void>
  isSynced(resource: number): boolean
  objects(resource: number): number
  series(resource: number): number
  /** Bytes of the blocks of a resource. Walks over its objects. */
  bytes(resource: number): number
  /** The objects with the name; `namespace` is empty for cluster-scoped ones. */
  slotsOf(resource: number, namespace: string, name: string): number[]
  /** Series of a family over all resources, as `series` counts them; a family is known by its number in the registry. */
  familySeries(family: number): number
  reader(resource: number): ResourceReader
  /**
   * A ledger for one more destination; without one nothing is kept for a push. Objects of synced resources are admitted by
   * `admitAll`, all others when their resource is synced.
   */
  openLedger(limits: MarkerLimits, selection?: LedgerSelection): Ledger
  /** Admits the objects of all synced resources to a new ledger, `perStep` at each step; the store may change between steps. */
  admitAll(ledger: Ledger, perStep: number): Generator<void, void>
  closeLedger(ledger: Ledger): void
  readonly ledgers: ReadonlySet<Ledger>
  /** Bytes held for blocks. */
  readonly blockBytes: number
}

type StoredBlock = Pick<WrittenBlock, 'bytes' | 'length' | 'rows'>

export function createStore({ registry, now, revisionOf = () => 0, isHeld = () => false }: StoreOptions): Store {
  const slots = createSlots()
  const arena = createArena()
  const cursor = new RowCursor(registry.shared)
  const other = new RowCursor(registry.shared)
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
  /** Series by family. */
  const familySeries: number[] = []
  let epoch = 0

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
  const add = (resource: number, key: ObjectKey, group: string, block: WrittenBlock) => {
    const table = tableOf(resource)
    const slot = slots.allocate()
    slots.resource[slot] = resource
    slots.epoch[slot] = epoch
    slots.rows[slot] = block.rows
    table.series += block.rows
    table.add(slot, key.uid, group)
    arena.set(slot, block.bytes, block.length)
    countStored(slot, 1)
    for (const ledger of ledgers) ledger.added(slot)
    endedSeries.cancel(slot, () => seriesOf(block))
    // Its former owner may have sent the same series.
    if (isHeld(key.uid)) for (const ledger of ledgers) ledger.takesOver(slot, now())
    if (table.synced) admit(slot)
  }
  const replace = (table: ObjectTable, slot: number, block: StoredBlock) => {
    const added = block.rows - (slots.rows[slot] as number)
    table.series += added
    slots.rows[slot] = block.rows
    for (const ledger of ledgers) ledger.resized(slot, added)
    slots.version[slot] = (slots.version[slot] as number) + 1
    countStored(slot, -1)
    arena.set(slot, block.bytes, block.length)
    countStored(slot, 1)
  }
  const change = (table: ObjectTable, slot: number, block: WrittenBlock) => {
    const before = { cursor, bytes: arena.bytes(slot), at: arena.offset(slot) }
    if (ledgers.size > 0 && !sameSeries(before, { cursor: other, bytes: block.bytes, at: 0 })) {
      const series = seriesOf(block)
      endedSeries.cancel(slot, () => series)
      endedSeries.end(table, slot, series)
    }
    replace(table, slot, block)
    for (const ledger of ledgers) ledger.changed(slot, now())
  }
  /** Removes rows without a new observation; their series end. */
  const strip = (table: ObjectTable, slot: number, keeps: (family: number) => boolean) => {
    const block = selectRows(cursor, arena.bytes(slot), arena.offset(slot), (row) => keeps(row.family))
    if (block.rows === slots.rows[slot]) return
    endedSeries.end(table, slot, seriesOf(block))
    replace(table, slot, block)
    for (const ledger of ledgers) ledger.stripped(slot, now())
  }
  const remove = (table: ObjectTable, slot: number, reason: RemovalReason, staying?: ReadonlySet<SeriesId>) => {
    if (reason === 'deleted') endedSeries.end(table, slot, staying)
    else endedSeries.handOver(table, slot)
    for (const ledger of ledgers) ledger.removed(slot)
    table.remove(slot)
    table.series -= slots.rows[slot] as number
    countStored(slot, -1)
    arena.remove(slot)
    slots.free(slot)
  }
  const isStored = (slot: number, block: WrittenBlock): boolean => {
    if (arena.length(slot) !== block.length) return false
    const at = arena.offset(slot)
    return (
      Buffer.compare(block.bytes.subarray(0, block.length), arena.bytes(slot).subarray(at, at + block.length)) === 0
    )
  }

  return {
    registry,
    ledgers,
    put(resource, key, block) {
      const table = tableOf(resource)
      const group = groupOf(key)
      let slot = table.slotOf(key.uid)
      if (slot !== undefined && slots.group[slot] !== group) {
        remove(table, slot, 'deleted')
        slot = undefined
      }
      if (slot === undefined) {
        add(resource, key, group, block)
        return 'added'
      }
      slots.epoch[slot] = epoch
      if (isStored(slot, block)) return 'unchanged'
      change(table, slot, block)
      return 'changed'
    },
    remove(resource, uid, reason) {
      const table = tableOf(resource)
      const slot = table.slotOf(uid)
      if (slot !== undefined) remove(table, slot, reason)
      return slot !== undefined
    },
    beginRelist: () => ++epoch,
    *removeMissing(resource, since, namespace, reasonOf, perStep) {
      const table = tableOf(resource)
      let removed = 0
      const removeIfMissing = (slot: number) => {
        if ((slots.epoch[slot] as number) >= since) return
        if (namespace !== undefined && !(slots.group[slot] as string).startsWith(`${namespace}/`)) return
        remove(table, slot, reasonOf(slots.uid[slot] as string))
        removed++
      }
      for (const _step of eachBackwards(table.live, perStep, removeIfMissing)) {
        yield removed
        removed = 0
      }
    },
    *markSynced(resource, perStep) {
      const table = tableOf(resource)
      if (table.synced) return
      table.synced = true
      for (const ledger of ledgers) ledger.settled(resource)
      if (ledgers.size > 0) yield* eachBackwards(table.live, perStep, admit)
    },
    *removeAll(resource, reason, perStep) {
      const table = tableOf(resource)
      table.synced = false
      for (const ledger of ledgers) ledger.settled(resource)
      yield* eachBackwards(table.live, perStep, (slot) => remove(table, slot, reason))
    },
    *removeOutside(resource, includes, reason, perStep) {
      const table = tableOf(resource)
      yield* eachBackwards(table.live, perStep, (slot) => {
        const [namespace, uid] = [namespaceOf(slots.group[slot] as string), slots.uid[slot] as string]
        if (!includes(namespace, uid)) remove(table, slot, reason)
      })
    },
    leaveTo(resource, key, write) {
      const table = tableOf(resource)
      const group = groupOf(key)
      const own = table.slotOf(key.uid)
      if (own !== undefined) remove(table, own, 'handed over')
      const isMarked = [...ledgers].some((ledger) => ledger.pendingMarkers > 0 && ledger.hasMarkers(resource, group))
      if (!isMarked && table.firstOf(group) === -1) return
      const series = seriesOf(write())
      for (const ledger of ledgers) ledger.leftTo(resource, group, series)
      for (let slot = table.firstOf(group); slot !== -1; slot = table.firstOf(group)) {
        remove(table, slot, 'deleted', series)
      }
    },
    *strip(resource, keeps, perStep) {
      const table = tableOf(resource)
      yield* eachBackwards(table.live, perStep, (slot) => strip(table, slot, keeps))
    },
    openLedger(limits, selection) {
      const ledger = createLedger({ slots, arena, cursor, limits, selection })
      ledgers.add(ledger)
      return ledger
    },
    *admitAll(ledger, perStep) {
      const input = [...ledgers].find((open) => open === ledger)
      if (input === undefined) return
      // Numbers of resources that the store has not seen yet are holes, which filter leaves out.
      for (const { live } of tables.filter(({ synced }) => synced)) {
        yield* eachBackwards(live, perStep, (slot) => {
          if (!isHeld(slots.uid[slot] as string)) input.admitted(slot, now())
        })
      }
    },
    closeLedger(ledger) {
      for (const open of ledgers) {
        if (open !== ledger) continue
        ledgers.delete(open)
        open.closed()
      }
    },
    isSynced: (resource) => tableOf(resource).synced,
    objects: (resource) => tableOf(resource).live.length,
    series: (resource) => tableOf(resource).series,
    bytes: (resource) => tableOf(resource).live.reduce((sum, slot) => sum + arena.length(slot), 0),
    slotsOf: (resource, namespace, name) => tableOf(resource).slotsOf(groupOf({ namespace, name })),
    familySeries: (family) => familySeries[family] ?? 0,
    reader: (resource) => createResourceReader(tableOf(resource), slots, arena),
    get blockBytes() {
      return arena.capacity
    },
  }
}
