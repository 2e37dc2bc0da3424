/** What a request takes: stale markers, changes, objects to refresh, or what was set aside before. */

import type { Accept, Claim, Entry, ObjectEntry, Settlement } from './claim.ts'
import { createClaim } from './claim.ts'
import type { Departure } from './departures.ts'
import type { Queues } from './queues.ts'
import { busyKey, offerSlot } from './queues.ts'
import { inFlight } from './slots.ts'

/** What a claim may take, in this order: departures, changes, then objects last acknowledged before `refreshBefore`. */
export interface ClaimRequest {
  readonly departures: boolean
  readonly changes: boolean
  readonly refreshBefore: number
  /** Rows of refreshed objects at most; the first object is taken whatever its size. */
  readonly refreshRows: number
}

/** What was claimed, and how many rows of refreshed objects are in it. */
export interface Claimed {
  readonly claim: Claim
  readonly refreshedRows: number
}

/** One claim while it is put together. */
interface Taking {
  readonly request: ClaimRequest
  readonly accept: Accept
  readonly entries: Entry[]
  /** Groups of which it has departures and no object. */
  readonly departing: Set<string>
}

export function takeDue(
  queues: Queues,
  settlement: Settlement,
  request: ClaimRequest,
  accept: Accept,
): Claimed | undefined {
  const taking: Taking = { request, accept, entries: [], departing: new Set() }
  let full = false
  if (request.departures) full = !takeDepartures(queues, taking)
  if (!full && request.changes) full = !takeChanges(queues, taking)
  const refreshedRows = full ? 0 : takeRefreshes(queues, taking)
  return taking.entries.length === 0 ? undefined : { claim: createClaim(taking.entries, settlement), refreshedRows }
}

export function takeReadmitted(
  queues: Queues,
  settlement: Settlement,
  accept: Accept,
  isProven: boolean,
): Claimed | undefined {
  const { readmittedSlots, readmittedDepartures } = queues
  const request = { departures: true, changes: true, refreshBefore: 0, refreshRows: 0 }
  const taking: Taking = { request, accept, entries: [], departing: new Set() }
  for (const [departure, proven] of readmittedDepartures) {
    if (departure.block === undefined) readmittedDepartures.delete(departure)
    else if (proven === isProven && !isDepartureBusy(queues, departure, taking)) {
      if (!takeDeparture(queues, departure, taking)) break
      readmittedDepartures.delete(departure)
    }
  }
  for (const [slot, proven] of readmittedSlots) {
    if (proven !== isProven || isBusy(queues, slot, taking)) continue
    if (!offerSlot(queues, slot, accept)) break
    readmittedSlots.delete(slot)
    queues.changesUnderWay.add(takeSlot(queues, slot, taking, true))
  }
  return taking.entries.length === 0 ? undefined : { claim: createClaim(taking.entries, settlement), refreshedRows: 0 }
}

function takeDepartures(queues: Queues, taking: Taking): boolean {
  const { departures, held, readmittedDepartures } = queues
  for (const departure of departures.all()) {
    const isElsewhere = held.has(departure) || readmittedDepartures.has(departure)
    if (departure.block === undefined || isElsewhere || isDepartureBusy(queues, departure, taking)) continue
    if (!takeDeparture(queues, departure, taking)) return false
  }
  return true
}

function isDepartureBusy({ busy }: Queues, { resource, group }: Departure, { departing }: Taking): boolean {
  const key = busyKey(resource, group)
  return busy.has(key) && !departing.has(key)
}

/** False when it does not fit. */
function takeDeparture({ busy }: Queues, departure: Departure, { accept, departing, entries }: Taking): boolean {
  const { resource, group, block } = departure
  if (block === undefined || !accept(block.bytes, 0, true)) return false
  const key = busyKey(resource, group)
  busy.set(key, (busy.get(key) ?? 0) + 1)
  departing.add(key)
  entries.push({ departure, resource, group, offered: true })
  return true
}

function takeChanges(queues: Queues, taking: Taking): boolean {
  const { dirtyList } = queues
  for (let slot = dirtyList.head; slot !== -1; ) {
    const after = dirtyList.after(slot)
    if (!isBusy(queues, slot, taking)) {
      if (!offerSlot(queues, slot, taking.accept)) return false
      dirtyList.remove(slot)
      queues.changesUnderWay.add(takeSlot(queues, slot, taking, true))
    }
    slot = after
  }
  return true
}

/** Takes the objects that wait longest and returns how many rows that is. */
function takeRefreshes(queues: Queues, taking: Taking): number {
  const { slots, cleanList } = queues
  const { refreshRows, refreshBefore } = taking.request
  let rows = 0
  for (let slot = cleanList.head; slot !== -1 && rows < refreshRows; ) {
    const after = cleanList.after(slot)
    if ((slots.since[slot] as number) >= refreshBefore) break
    if (!isBusy(queues, slot, taking)) {
      if (!offerSlot(queues, slot, taking.accept)) break
      cleanList.remove(slot)
      rows += slots.rows[slot] as number
      takeSlot(queues, slot, taking, false)
    }
    slot = after
  }
  return rows
}

function isBusy({ slots, busy }: Queues, slot: number, { departing }: Taking): boolean {
  if (busy.size === 0) return false
  const key = busyKey(slots.resource[slot] as number, slots.group[slot] as string)
  return busy.has(key) && !departing.has(key)
}

function takeSlot({ slots, busy }: Queues, slot: number, taking: Taking, changed: boolean): ObjectEntry {
  const entry = {
    slot,
    birth: slots.birth[slot] as number,
    version: slots.version[slot] as number,
    resource: slots.resource[slot] as number,
    group: slots.group[slot] as string,
    offered: true,
    changed,
    since: slots.since[slot] as number,
  }
  slots.state[slot] = inFlight
  // Until something changes while it is under way.
  slots.since[slot] = Number.POSITIVE_INFINITY
  slots.attempted[slot] = 1
  const key = busyKey(entry.resource, entry.group)
  busy.set(key, (busy.get(key) ?? 0) + 1)
  taking.departing.delete(key)
  taking.entries.push(entry)
  return entry
}
