/** What goes into a batch: stale markers, changes, objects to refresh, or what was set aside before. */

import type { Accept, Batch, Entry, ObjectEntry, Settlement } from './batch.ts'
import { createBatch } from './batch.ts'
import { groupKey } from './batch-key.ts'
import type { LedgerQueues } from './ledger-queues.ts'
import { offerSlot } from './ledger-queues.ts'
import type { StaleMarker } from './stale-markers.ts'

/** What a batch may take, in this order: stale markers, changes, then objects last acknowledged before `refreshBefore`. */
export interface BatchRequest {
  readonly markers: boolean
  readonly changes: boolean
  readonly refreshBefore: number
  /** Rows of refreshed objects at most; the first object is taken whatever its size. */
  readonly refreshRows: number
}

/** What was taken, and how many rows of refreshed objects are in it. */
export interface TakenBatch {
  readonly batch: Batch
  readonly refreshedRows: number
}

/** One batch while it is put together. */
interface Taking {
  readonly queues: LedgerQueues
  readonly accept: Accept
  readonly entries: Entry[]
  /** Names of which it has stale markers and no object. */
  readonly markedOnly: Set<string>
}

const startTaking = (queues: LedgerQueues, accept: Accept): Taking => ({
  ...{ queues, accept },
  entries: [],
  markedOnly: new Set(),
})

function finishTaking({ entries }: Taking, settlement: Settlement, refreshedRows: number): TakenBatch | undefined {
  return entries.length === 0 ? undefined : { batch: createBatch(entries, settlement), refreshedRows }
}

export function takeDue(
  queues: LedgerQueues,
  settlement: Settlement,
  request: BatchRequest,
  accept: Accept,
): TakenBatch | undefined {
  const taking = startTaking(queues, accept)
  const hasRoom = (!request.markers || takeMarkers(taking)) && (!request.changes || takeChanges(taking))
  return finishTaking(taking, settlement, hasRoom ? takeRefreshes(taking, request) : 0)
}

/** What was refused together with others, and when there is none, what was refused alone: never both. */
export function takeReadmitted(
  queues: LedgerQueues,
  settlement: Settlement,
  accept: Accept,
  wasAlone: boolean,
): TakenBatch | undefined {
  const taking = startTaking(queues, accept)
  const { readmittedMarkers, suspectedList, refusedList, resuming } = queues
  for (const [marker, markerWasAlone] of readmittedMarkers) {
    if (marker.block === undefined) readmittedMarkers.delete(marker)
    else if (markerWasAlone === wasAlone && !resuming.has(marker.resource) && !isMarkerBusy(taking, marker)) {
      if (!takeMarker(taking, marker)) break
      readmittedMarkers.delete(marker)
    }
  }
  const list = wasAlone ? refusedList : suspectedList
  for (let slot = list.head; slot !== -1; ) {
    const after = list.after(slot)
    if (!isSlotBusy(taking, slot)) {
      if (!offerSlot(queues, slot, accept)) break
      takeSlot(taking, slot, true)
    }
    slot = after
  }
  return finishTaking(taking, settlement, 0)
}

/** Each of these returns false when something did not fit. */
function takeMarkers(taking: Taking): boolean {
  const { markers, asideMarkers, readmittedMarkers, resuming, heldMarkers, unconfirmedMarkers, markersInDoubt } =
    taking.queues
  const isElsewhere = (marker: StaleMarker) =>
    asideMarkers.has(marker) ||
    readmittedMarkers.has(marker) ||
    resuming.has(marker.resource) ||
    heldMarkers.has(marker) ||
    unconfirmedMarkers.has(marker) ||
    markersInDoubt?.has(marker) === true
  for (const marker of markers.all()) {
    if (isElsewhere(marker) || isMarkerBusy(taking, marker)) continue
    if (!takeMarker(taking, marker)) return false
  }
  return true
}

function takeChanges(taking: Taking): boolean {
  const { queues, accept } = taking
  const { pendingList } = queues
  for (let slot = pendingList.head; slot !== -1; ) {
    const after = pendingList.after(slot)
    if (!isSlotBusy(taking, slot)) {
      if (!offerSlot(queues, slot, accept)) return false
      takeSlot(taking, slot, true)
    }
    slot = after
  }
  return true
}

/** Takes the objects that wait longest and returns how many rows that is. */
function takeRefreshes(taking: Taking, { refreshRows, refreshBefore }: BatchRequest): number {
  const { queues, accept } = taking
  const { slots, refreshList } = queues
  const before = Math.floor(refreshBefore)
  let rows = 0
  for (let slot = refreshList.head; slot !== -1 && rows < refreshRows; ) {
    const after = refreshList.after(slot)
    if (queues.sinceOf(slot) >= before) break
    if (!isSlotBusy(taking, slot)) {
      if (!offerSlot(queues, slot, accept)) break
      rows += slots.rows[slot] as number
      takeSlot(taking, slot, false)
    }
    slot = after
  }
  return rows
}

/** Whether something else of the name is in flight; beside its stale markers a batch may have one object of a name. */
function isBusy({ queues: { busy }, markedOnly }: Taking, key: string): boolean {
  return busy.has(key) && !markedOnly.has(key)
}

function isMarkerBusy(taking: Taking, { resource, group }: StaleMarker): boolean {
  return isBusy(taking, groupKey(resource, group))
}

function isSlotBusy(taking: Taking, slot: number): boolean {
  const { busy, slots } = taking.queues
  return busy.size > 0 && isBusy(taking, groupKey(slots.resource[slot] as number, slots.group[slot] as string))
}

function takeMarker({ queues: { busy }, accept, markedOnly, entries }: Taking, marker: StaleMarker): boolean {
  const { resource, group, block } = marker
  if (block === undefined) return true
  if (!accept(block.bytes, 0, true)) return false
  const key = groupKey(resource, group)
  busy.set(key, (busy.get(key) ?? 0) + 1)
  markedOnly.add(key)
  entries.push({ marker, resource, group, offered: true })
  return true
}

function takeSlot({ queues, markedOnly, entries }: Taking, slot: number, wasPending: boolean): void {
  const { slots, busy, changesInFlight } = queues
  const entry: ObjectEntry = {
    slot,
    birth: slots.birth[slot] as number,
    resource: slots.resource[slot] as number,
    group: slots.group[slot] as string,
    offered: true,
    wasPending,
    since: queues.sinceOf(slot),
  }
  queues.move(slot, 'take', entry.since)
  queues.markSent(slot)
  if (wasPending) changesInFlight.add(entry)
  const key = groupKey(entry.resource, entry.group)
  busy.set(key, (busy.get(key) ?? 0) + 1)
  markedOnly.delete(key)
  entries.push(entry)
}
