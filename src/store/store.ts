/**
 * Owns the blocks of all objects and what follows from their changes: which series departed, what is due. An object is
 * known by its UID within its resource; series belong to resource, namespace and name, so that an object that is
 * deleted and created again owes no marker for a series that lives on. It keeps no Kubernetes object.
 */

import { RowCursor } from '../rows/block.ts'
import type { WrittenBlock } from '../rows/block-writer.ts'
import type { Registry } from '../rows/registry.ts'
import { createArena } from './arena.ts'
import type { Delivery } from './delivery.ts'
import { createDelivery } from './delivery.ts'
import type { Departures } from './departures.ts'
import { createDepartures } from './departures.ts'
import type { ObjectTable } from './object-table.ts'
import { createObjectTable } from './object-table.ts'
import type { SeriesId } from './series-sets.ts'
import { collectSeries, collectShared, reduceBlock, sameSeries, selectRows, seriesId } from './series-sets.ts'
import { createSlots, gated } from './slots.ts'

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
  /** Milliseconds of any clock that the caller also gives to claims. */
  readonly now: () => number
  /** Absent: nothing is pushed, and no state is kept for it. */
  readonly push?: { readonly maxDeparted: number; readonly departedMaxAgeMs: number }
}

/** The living objects of a resource as a page reads them. */
export interface ResourceReader {
  /** Slots that live now; a snapshot of its own. */
  slots(): Uint32Array
  /** Tells whether the slot still holds the object that `birth` was read of. */
  birth(slot: number): number
  version(slot: number): number
  bytes(slot: number): Uint8Array
  offset(slot: number): number
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
    reason: RemovalReason,
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
  /** Removes the rows of other families than those that `keeps` names, which end with stale markers. */
  strip(resource: number, keeps: (family: number) => boolean, perStep: number): Generator<void, void>
  isSynced(resource: number): boolean
  objects(resource: number): number
  series(resource: number): number
  reader(resource: number): ResourceReader
  readonly delivery: Delivery | undefined
  readonly departures: Departures | undefined
  /** Bytes held for blocks. */
  readonly blockBytes: number
}

type StoredBlock = Pick<WrittenBlock, 'bytes' | 'length' | 'rows'>

const noSeries: ReadonlySet<SeriesId> = new Set()

const groupOf = ({ namespace, name }: ObjectKey) => (namespace === '' ? name : `${namespace}/${name}`)

export function createStore(options: StoreOptions): Store {
  const { registry, now } = options
  const { shared } = registry
  const slots = createSlots()
  const arena = createArena()
  const cursor = new RowCursor(shared)
  const other = new RowCursor(shared)
  const tables: ObjectTable[] = []
  const tableOf = (resource: number): ObjectTable => {
    const known = tables[resource]
    if (known !== undefined) return known
    const table = createObjectTable(slots)
    tables[resource] = table
    return table
  }
  const departures =
    options.push &&
    createDepartures({ cursor, maxSeries: options.push.maxDeparted, maxAgeMs: options.push.departedMaxAgeMs })
  const isSynced = (resource: number) => tableOf(resource).synced
  const delivery = departures && createDelivery({ slots, arena, departures, isSynced })
  let epoch = 0

  /**
   * The slot's series that may have been sent, but those in `staying` and those of other objects of its name. Such
   * objects now answer for what was sent, and are due again: the last value sent may have been that of this one.
   */
  const leave = (table: ObjectTable, slot: number, staying: ReadonlySet<SeriesId>): ReadonlySet<SeriesId> => {
    if (departures === undefined || slots.attempted[slot] === 0) return noSeries
    const group = slots.group[slot] as string
    const gone = new Set<SeriesId>()
    collectSeries(other, arena.bytes(slot), arena.offset(slot), gone)
    for (const series of staying) gone.delete(series)
    const shown = new Set<SeriesId>()
    for (let mate = table.firstOf(group); mate !== -1; mate = slots.nextInGroup[mate] as number) {
      if (mate === slot || !collectShared(other, arena.bytes(mate), arena.offset(mate), gone, shown)) continue
      slots.attempted[mate] = 1
      delivery?.changed(mate, now())
    }
    for (const series of shown) gone.delete(series)
    return gone
  }
  /** Owes markers for what the slot leaves. */
  const depart = (table: ObjectTable, slot: number, staying: ReadonlySet<SeriesId>) => {
    if (departures === undefined || slots.attempted[slot] === 0) return
    const group = slots.group[slot] as string
    // The usual end of an object takes all of it: no need to name its series.
    const all = staying.size === 0 && table.firstOf(group) === slot && slots.nextInGroup[slot] === -1
    const gone = all ? noSeries : leave(table, slot, staying)
    if (!all && gone.size === 0) return
    const isGone = (row: RowCursor) => all || gone.has(seriesId(row))
    const block = reduceBlock(cursor, arena.bytes(slot), arena.offset(slot), isGone)
    if (block !== undefined) departures.owe(slots.resource[slot] as number, group, block, now())
  }
  /** What is there again is owed no marker; the object answers for what was sent under its name before. */
  const cancel = (slot: number, series: Set<SeriesId>) => {
    const resource = slots.resource[slot] as number
    if (departures?.cancel(resource, slots.group[slot] as string, series)) slots.attempted[slot] = 1
  }
  const owes = (resource: number, group: string) => departures?.owes(resource, group) === true
  const seriesOf = (block: Pick<StoredBlock, 'bytes'>): Set<SeriesId> => {
    const series = new Set<SeriesId>()
    collectSeries(other, block.bytes, 0, series)
    return series
  }

  const add = (resource: number, key: ObjectKey, group: string, block: WrittenBlock) => {
    const table = tableOf(resource)
    const slot = slots.allocate()
    slots.resource[slot] = resource
    slots.state[slot] = gated
    slots.attempted[slot] = 0
    slots.epoch[slot] = epoch
    slots.rows[slot] = block.rows
    table.series += block.rows
    table.add(slot, key.uid, group)
    arena.set(slot, block.bytes, block.length)
    if (owes(resource, group)) cancel(slot, seriesOf(block))
    delivery?.changed(slot, now())
  }
  const replace = (table: ObjectTable, slot: number, block: StoredBlock) => {
    table.series += block.rows - (slots.rows[slot] as number)
    slots.rows[slot] = block.rows
    slots.version[slot] = (slots.version[slot] as number) + 1
    arena.set(slot, block.bytes, block.length)
  }
  const change = (table: ObjectTable, slot: number, block: WrittenBlock) => {
    const before = { cursor, bytes: arena.bytes(slot), at: arena.offset(slot) }
    if (delivery !== undefined && !sameSeries(before, { cursor: other, bytes: block.bytes, at: 0 })) {
      const series = seriesOf(block)
      cancel(slot, series)
      depart(table, slot, series)
    }
    replace(table, slot, block)
    delivery?.changed(slot, now())
  }
  /** Removes rows without a new observation; the series end. */
  const strip = (table: ObjectTable, slot: number, keeps: (family: number) => boolean) => {
    const block = selectRows(cursor, arena.bytes(slot), arena.offset(slot), (row) => keeps(row.family))
    if (block.rows === slots.rows[slot]) return
    depart(table, slot, seriesOf(block))
    replace(table, slot, block)
    delivery?.stripped(slot, now())
  }
  const forget = (table: ObjectTable, slot: number) => {
    delivery?.removed(slot)
    table.remove(slot)
    table.series -= slots.rows[slot] as number
    arena.remove(slot)
    slots.free(slot)
  }
  const removeSlot = (table: ObjectTable, slot: number, reason: RemovalReason) => {
    if (reason === 'deleted') depart(table, slot, noSeries)
    else leave(table, slot, noSeries)
    forget(table, slot)
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
    delivery,
    departures,
    put(resource, key, block) {
      const table = tableOf(resource)
      const group = groupOf(key)
      let slot = table.slotOf(key.uid)
      if (slot !== undefined && slots.group[slot] !== group) {
        removeSlot(table, slot, 'deleted')
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
      if (slot !== undefined) removeSlot(table, slot, reason)
      return slot !== undefined
    },
    beginRelist: () => ++epoch,
    *removeMissing(resource, since, namespace, reason, perStep) {
      const table = tableOf(resource)
      let removed = 0
      const removeIfMissing = (slot: number) => {
        if ((slots.epoch[slot] as number) >= since) return
        if (namespace !== undefined && !(slots.group[slot] as string).startsWith(`${namespace}/`)) return
        removeSlot(table, slot, reason)
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
      if (delivery !== undefined) yield* eachBackwards(table.live, perStep, (slot) => delivery.ungate(slot, now()))
    },
    *removeAll(resource, reason, perStep) {
      const table = tableOf(resource)
      table.synced = false
      yield* eachBackwards(table.live, perStep, (slot) => removeSlot(table, slot, reason))
    },
    *strip(resource, keeps, perStep) {
      const table = tableOf(resource)
      yield* eachBackwards(table.live, perStep, (slot) => strip(table, slot, keeps))
    },
    isSynced,
    objects: (resource) => tableOf(resource).live.length,
    series: (resource) => tableOf(resource).series,
    reader: (resource) => ({
      slots: () => Uint32Array.from(tableOf(resource).live),
      birth: (slot) => slots.birth[slot] as number,
      version: (slot) => slots.version[slot] as number,
      bytes: (slot) => arena.bytes(slot),
      offset: (slot) => arena.offset(slot),
    }),
    get blockBytes() {
      return arena.capacity
    },
  }
}

/**
 * Visits the slots that are in the list now, last first, and yields after every `perStep` of them. The list may change
 * between steps: what takes the place of a removed slot comes from behind, where all was visited or is new.
 */
function* eachBackwards(
  live: readonly number[],
  perStep: number,
  visit: (slot: number) => void,
): Generator<void, void> {
  for (let end = live.length; end > 0; ) {
    const start = Math.max(0, end - perStep)
    for (let i = Math.min(end, live.length) - 1; i >= start; i--) visit(live[i] as number)
    end = start
    yield
  }
}
