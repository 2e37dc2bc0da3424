/**
 * What one destination has, needs and refused: a state per object, and the stale markers it still needs. The store reports
 * to every ledger which objects changed and which series ended; the push takes batches from its own. An object is in at
 * most one batch, and so is everything of its resource, namespace and name (decision 0005).
 */

import type { RowCursor } from '../rows/block.ts'
import type { Arena } from './arena.ts'
import type { Accept } from './batch.ts'
import { inFlight, pending, waiting } from './delivery-states.ts'
import type { DeliveredElsewhere, OldestMarkers } from './ledger-progress.ts'
import { oldestChange, oldestMarkers, settleElsewhere } from './ledger-progress.ts'
import type { LedgerQueues } from './ledger-queues.ts'
import { createLedgerQueues } from './ledger-queues.ts'
import { forgetInDoubt, seriesInDoubt } from './markers-in-doubt.ts'
import { namespaceOf } from './object-table.ts'
import type { ReducedBlock, SeriesId } from './series-sets.ts'
import { reduceBlock } from './series-sets.ts'
import { createSettlement } from './settlement.ts'
import type { Slots } from './slots.ts'
import type { EndedAt, MarkerLimits, StaleMarker } from './stale-markers.ts'
import { createStaleMarkers } from './stale-markers.ts'
import type { BatchRequest, TakenBatch } from './take-batch.ts'
import { takeDue, takeReadmitted } from './take-batch.ts'

/**
 * `leading`: batches are sent. `standby`: another process sends the same series, so each may be at the destination; stale
 * markers are kept within their limits. `paused`: nothing is sent by anyone.
 */
export type LedgerMode = 'leading' | 'standby' | 'paused'

/** What the push needs of a ledger. */
export interface Ledger {
  readonly mode: LedgerMode
  setMode(mode: LedgerMode): void
  /** Rows of the objects that may be sent, those of families that are not selected included. */
  readonly rows: number
  /** Takes what is due and fits; undefined when nothing is, or the mode is not `leading`. */
  take(request: BatchRequest, accept: Accept): TakenBatch | undefined
  /** Takes what was set aside and may be sent again: first what may be harmless, later what is known to be refused. */
  takeReadmitted(accept: Accept): TakenBatch | undefined
  /** Readmits what was set aside until now, and drops stale markers that are too old. */
  tick(now: number): void
  /** Objects with changes that are not in flight. */
  readonly pending: number
  /** Names in flight. */
  readonly inFlight: number
  /** Objects. */
  readonly setAside: number
  /** Series whose stale marker is not acknowledged. */
  readonly pendingMarkers: number
  /** Stale markers that were dropped since the start, for their number and for their age. */
  readonly droppedMarkers: number
  readonly expiredMarkers: number
  /** From now on the destination may refuse the time of what it acknowledges: stale markers are kept, within their age. */
  doubtMarkers(): void
  /** It does not any more: those that were kept are sent again, or forgotten. */
  endDoubt(markers: 'send again' | 'forget'): void
  /** Sends the stale markers that were held until now. */
  releaseMarkers(): void
  /**
   * Another process may have sent the resource: until it is synced, objects count as possibly sent, and stale markers wait,
   * since what ended may live again by then.
   */
  resume(resource: number): void
  /** By resource, the oldest of the stale markers that are not acknowledged. */
  oldestMarkers(): ReadonlyMap<number, OldestMarkers>
  /**
   * Another process has delivered the stale markers of the resource that arose here before `markersUntil`, and the changes
   * that arrived before `changesUntil`, both on the store's clock. An object that changed after that stays pending.
   */
  deliveredElsewhere(resource: number, delivered: DeliveredElsewhere, now: number): void
  /** When the oldest change that was not acknowledged arrived; undefined when there is none. */
  oldestChange(): number | undefined
}

/** The series that a destination gets; families are known by their numbers in the registry. */
export interface LedgerSelection {
  includesFamily(family: number): boolean
  /** The namespace of cluster-scoped objects is empty. */
  includesNamespace(namespace: string): boolean
}

/** Why stale markers are not sent at once: until they are released, and until they are confirmed. */
export interface Withheld {
  readonly isHeld: boolean
  readonly isUnconfirmed: boolean
}

/** What the store reports to a ledger. */
export interface LedgerInput {
  /** A new object; its resource may not be synced. */
  added(slot: number): void
  /** The resource of the object is synced. */
  admitted(slot: number, now: number): void
  changed(slot: number, now: number): void
  /** The object has so many rows more than before. */
  resized(slot: number, rows: number): void
  /** Some series of the object ended; the others did not change. */
  stripped(slot: number, now: number): void
  /** The slot is about to be freed. */
  removed(slot: number): void
  /** Whether the destination may have series of the object. */
  mayHave(slot: number): boolean
  /** As `mayHave`, without what another process may have sent. */
  hasSent(slot: number): boolean
  /** The object has series of another one that leaves, whose last value may have been that of the other. */
  takesOver(slot: number, now: number): void
  /** Series ended that the destination may have. The block is shared with other ledgers. */
  ended(resource: number, group: string, block: ReducedBlock, at: EndedAt, withheld: Withheld): void
  /** Stale markers from before `before` that are not confirmed. */
  unconfirmed(before: number): Iterable<StaleMarker>
  /** Those of the name are sent. */
  confirm(resource: number, group: string): void
  /** Whether stale markers of the name are pending. */
  hasMarkers(resource: number, group: string): boolean
  /** The object has these series: their markers are cancelled. */
  returned(slot: number, series: ReadonlySet<SeriesId>): void
  /** The initial list of the resource is complete, or it is not read any more. */
  settled(resource: number): void
  /** Another process sends these series of the name: their markers are cancelled. */
  leftTo(resource: number, group: string, series: ReadonlySet<SeriesId>): void
  /** Nothing is reported any more. */
  closed(): void
}

export interface LedgerOptions {
  readonly slots: Slots
  readonly arena: Arena
  readonly cursor: RowCursor
  readonly limits: MarkerLimits
  /** Everything by default. */
  readonly selection?: LedgerSelection | undefined
}

export function createLedger({ slots, arena, cursor, limits, selection }: LedgerOptions): Ledger & LedgerInput {
  const markers = createStaleMarkers(cursor, limits)
  const queues = createLedgerQueues(slots, arena, markers)
  const settlement = createSettlement(queues)
  const { pendingList, asideSlots, busy } = queues
  let mode: LedgerMode = 'leading'
  let rows = 0
  const isSelected = (slot: number) =>
    selection === undefined || selection.includesNamespace(namespaceOf(slots.group[slot] as string))
  const isAdmitted = (slot: number) => queues.stateOf(slot) !== waiting

  const input: LedgerInput = {
    added: queues.add,
    admitted(slot, now) {
      if (isAdmitted(slot) || !isSelected(slot)) return
      queues.move(slot, 'admit', now)
      rows += slots.rows[slot] as number
    },
    changed(slot, now) {
      if (mode === 'standby' && queues.stateOf(slot) === pending) queues.renewPending(slot, now)
      else if (isAdmitted(slot)) queues.move(slot, 'change', now)
    },
    resized(slot, by) {
      if (isAdmitted(slot)) rows += by
    },
    stripped(slot, now) {
      if (queues.stateOf(slot) === inFlight) queues.move(slot, 'change', now)
    },
    removed(slot) {
      if (isAdmitted(slot)) rows -= slots.rows[slot] as number
      queues.remove(slot)
    },
    mayHave: (slot) => (mode === 'standby' || queues.mayHave(slot)) && isSelected(slot),
    hasSent: (slot) => queues.mayHave(slot) && isSelected(slot),
    takesOver(slot, now) {
      queues.markSent(slot)
      input.changed(slot, now)
    },
    ended(resource, group, block, at, { isHeld, isUnconfirmed }) {
      const selected = selection === undefined ? block : selectedRows(cursor, block, selection)
      if (selected === undefined) return
      const marker = markers.add(resource, group, selected, at)
      if (isHeld) queues.heldMarkers.add(marker)
      if (isUnconfirmed) queues.unconfirmedMarkers.add(marker)
    },
    unconfirmed: (before) => unconfirmedMarkers(queues, before),
    confirm(resource, group) {
      for (const marker of queues.unconfirmedMarkers)
        if (marker.resource === resource && marker.group === group) queues.unconfirmedMarkers.delete(marker)
    },
    hasMarkers: markers.has,
    returned(slot, series) {
      const [resource, group] = [slots.resource[slot] as number, slots.group[slot] as string]
      if (markers.cancel(resource, group, series)) queues.markSent(slot)
    },
    settled: (resource) => queues.resuming.delete(resource),
    leftTo: markers.cancel,
    closed: queues.close,
  }
  return {
    ...input,
    get mode() {
      return mode
    },
    setMode(next) {
      if (mode === 'standby') for (let slot = 0; slot < slots.capacity; slot++) queues.markSent(slot)
      mode = next
    },
    take: (request, accept) => (mode === 'leading' ? takeDue(queues, settlement, request, accept) : undefined),
    takeReadmitted(accept) {
      if (mode !== 'leading') return undefined
      return takeReadmitted(queues, settlement, accept, false) ?? takeReadmitted(queues, settlement, accept, true)
    },
    tick(now) {
      readmit(queues, now)
      forgetInDoubt(queues, now - limits.maxAgeMs)
      markers.expire(now)
    },
    get rows() {
      return rows
    },
    get pending() {
      return pendingList.size
    },
    get inFlight() {
      return busy.size
    },
    get setAside() {
      return asideSlots.size
    },
    get pendingMarkers() {
      return markers.series - seriesInDoubt(queues)
    },
    get droppedMarkers() {
      return markers.dropped
    },
    get expiredMarkers() {
      return markers.expired
    },
    resume: (resource) => queues.resuming.add(resource),
    oldestMarkers: () => oldestMarkers(queues),
    deliveredElsewhere(resource, delivered, now) {
      if (mode === 'standby') settleElsewhere(queues, resource, delivered, now)
    },
    doubtMarkers() {
      queues.markersInDoubt ??= new Set()
    },
    endDoubt(kept) {
      if (kept === 'forget') forgetInDoubt(queues, Number.POSITIVE_INFINITY)
      queues.markersInDoubt = undefined
    },
    releaseMarkers: () => queues.heldMarkers.clear(),
    oldestChange: () => oldestChange(queues),
  }
}

/** Undefined when the destination has none of the series. */
function selectedRows(cursor: RowCursor, block: ReducedBlock, selection: LedgerSelection): ReducedBlock | undefined {
  return reduceBlock(cursor, block.bytes, 0, ({ family }) => selection.includesFamily(family))
}

/** Forgets those that are settled or cancelled. */
function* unconfirmedMarkers({ unconfirmedMarkers: all }: LedgerQueues, before: number): Generator<StaleMarker> {
  for (const marker of all) {
    if (marker.block === undefined) all.delete(marker)
    else if (marker.since < before) yield marker
  }
}

function readmit(queues: LedgerQueues, now: number): void {
  const { asideSlots, asideMarkers, readmittedMarkers } = queues
  for (const [slot, { until, isProven }] of asideSlots) {
    if (now >= until) queues.move(slot, isProven ? 'refuse' : 'suspect', now)
  }
  for (const [marker, { until, isProven }] of asideMarkers) {
    if (now < until) continue
    asideMarkers.delete(marker)
    if (marker.block !== undefined) readmittedMarkers.set(marker, isProven)
  }
}
