/**
 * The objects and their row blocks. An object is known by its UID within its resource; series belong to resource, namespace
 * and name, so that an object that is deleted and created again continues its series. What a destination has and needs is
 * in its ledger. No Kubernetes object is kept.
 */

import type { WrittenBlock } from '../rows/block-writer.ts'
import type { Registry } from '../rows/registry.ts'
import { eachBackwards } from './each-backwards.ts'
import type { Ledger, LedgerSelection } from './ledger.ts'
import { createLedger } from './ledger.ts'
import type { LimitListener, LimitStatus, SeriesLimits } from './limit-scope.ts'
import { groupOf, namespaceOf } from './object-table.ts'
import type { ResourceReader } from './resource-reader.ts'
import { createResourceReader } from './resource-reader.ts'
import type { MarkerLimits } from './stale-markers.ts'
import { createStoredObjects } from './stored-objects.ts'
import { unconfirmedNames } from './unconfirmed-names.ts'

/** What identifies an object; `namespace` is empty for cluster-scoped kinds. */
export interface ObjectKey {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export type PutOutcome = 'added' | 'changed' | 'unchanged'

/**
 * Why an object leaves: `deleted` ends its series with stale markers; `unconfirmed` does the same once it is confirmed that no
 * other process has an object of the name; `handed over` leaves them to their new owner.
 */
export type RemovalReason = 'deleted' | 'unconfirmed' | 'handed over'

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
  /** None by default. */
  readonly limits?: SeriesLimits | undefined
  readonly onLimit?: LimitListener | undefined
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
  /** By resource, the `namespace/name` of removals before `before` that are to be confirmed, if a destination needs stale markers. */
  unconfirmed(before: number): ReadonlyMap<number, ReadonlySet<string>>
  /** No other process has an object of the `namespace/name`, or what it has is known by `leaveTo`: the stale markers are sent. */
  confirm(resource: number, group: string): void
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
  /** Series of the resource that limits withhold. */
  withheldSeries(resource: number): number
  /** The limits that are in use; empty if there are none. */
  limits(): readonly LimitStatus[]
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

export function createStore(options: StoreOptions): Store {
  const { registry, now, isHeld = () => false } = options
  const objects = createStoredObjects(options)
  const { slots, arena, cursor, ledgers, tables, tableOf, limits, seriesOf, add, change, strip, remove, admit } =
    objects
  let epoch = 0

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
        add(resource, key, group, block, epoch)
        return 'added'
      }
      slots.epoch[slot] = epoch
      if (objects.isStored(slot, block)) return 'unchanged'
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
    unconfirmed: (before) => unconfirmedNames(ledgers, before),
    confirm(resource, group) {
      for (const ledger of ledgers) ledger.confirm(resource, group)
    },
    *strip(resource, keeps, perStep) {
      const table = tableOf(resource)
      yield* eachBackwards(table.live, perStep, (slot) => strip(table, slot, keeps))
    },
    openLedger(markerLimits, selection) {
      const ledger = createLedger({ slots, arena, cursor, limits: markerLimits, selection })
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
      const open = [...ledgers].find((one) => one === ledger)
      if (open !== undefined && ledgers.delete(open)) open.closed()
    },
    isSynced: (resource) => tableOf(resource).synced,
    objects: (resource) => tableOf(resource).live.length,
    series: (resource) => tableOf(resource).series,
    bytes: (resource) => tableOf(resource).live.reduce((sum, slot) => sum + arena.length(slot), 0),
    slotsOf: (resource, namespace, name) => tableOf(resource).slotsOf(groupOf({ namespace, name })),
    familySeries: (family) => objects.familySeries[family] ?? 0,
    withheldSeries: (resource) => limits?.withheld(resource) ?? 0,
    limits: () => limits?.status() ?? [],
    reader: (resource) => createResourceReader(tableOf(resource), slots, arena),
    get blockBytes() {
      return arena.capacity
    },
  }
}
