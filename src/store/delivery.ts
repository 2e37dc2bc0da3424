/**
 * Owns who is due: changed objects, objects due for refresh and owed departures. An object is in at most one claim,
 * and so is everything of its resource, namespace and name; a claim may hold the departures of a name beside one of its
 * objects, since what lives is owed no marker. It refuses to know bytes on a wire: the caller says by `accept`.
 */

import type { Arena } from './arena.ts'
import type { Accept, Claim, Entry, ObjectEntry, Settlement } from './claim.ts'
import { createClaim, isDeparture } from './claim.ts'
import type { Departure, Departures } from './departures.ts'
import type { SlotList } from './slot-list.ts'
import { createSlotList } from './slot-list.ts'
import type { Slots } from './slots.ts'
import { clean, dirty, gated, inFlight, setAside } from './slots.ts'

/** What a claim may take, in this order: departures, changes, then objects last acknowledged before `refreshBefore`. */
export interface ClaimRequest {
  readonly departures: boolean
  readonly changes: boolean
  readonly refreshBefore: number
  /** Rows of refreshed objects at most; the first object is taken whatever its size. */
  readonly refreshRows: number
  /** For requests that share a timestamp: objects of these names are passed over, and the names taken are added. */
  readonly once?: Set<string>
}

/** What was claimed, and how many rows of refreshed objects are in it. */
export interface Claimed {
  readonly claim: Claim
  readonly refreshedRows: number
}

export interface Delivery {
  /** Takes what is due and fits, or undefined when nothing is. */
  claim(request: ClaimRequest, accept: Accept): Claimed | undefined
  /** A block was stored for the slot; it is due once its resource is synced. */
  changed(slot: number, now: number): void
  /** Some series of the slot ended; the others did not change. */
  stripped(slot: number, now: number): void
  /** The slot is about to be freed. */
  removed(slot: number): void
  /** The first list of the slot's resource is complete. */
  ungate(slot: number, now: number): void
  /** Brings back what was set aside until now. */
  tick(now: number): void
  readonly dirty: number
  readonly inFlight: number
  /** Objects. */
  readonly setAside: number
  /** When the oldest change that was not acknowledged arrived; undefined when there is none. */
  oldestChange(): number | undefined
}

interface Queues {
  readonly slots: Slots
  readonly arena: Arena
  readonly departures: Departures
  readonly dirtyList: SlotList
  readonly cleanList: SlotList
  /** Until when slots are set aside. */
  readonly aside: Map<number, number>
  /** Until when departures are set aside. */
  readonly held: Map<Departure, number>
  /** Groups under way, and how many entries of each. */
  readonly busy: Map<string, number>
  /** Changes under way, by entry. */
  readonly changesUnderWay: Set<ObjectEntry>
}

const busyKey = (resource: number, group: string) => `${resource} ${group}`

export function createDelivery(options: {
  readonly slots: Slots
  readonly arena: Arena
  readonly departures: Departures
  readonly isSynced: (resource: number) => boolean
}): Delivery {
  const { slots, isSynced } = options
  const queues: Queues = {
    ...options,
    dirtyList: createSlotList(slots.links),
    cleanList: createSlotList(slots.links),
    aside: new Map(),
    held: new Map(),
    busy: new Map(),
    changesUnderWay: new Set(),
  }
  const settlement = createSettlement(queues)
  return {
    claim: (request, accept) => takeDue(queues, settlement, request, accept),
    changed(slot, now) {
      const state = slots.state[slot]
      if (state === dirty || state === setAside) return
      if (state === inFlight) slots.since[slot] = Math.min(slots.since[slot] as number, now)
      else if (state === clean || isSynced(slots.resource[slot] as number)) {
        if (state === clean) queues.cleanList.remove(slot)
        makeDirty(queues, slot, now, false)
      }
    },
    stripped(slot, now) {
      if (slots.state[slot] === inFlight) slots.since[slot] = Math.min(slots.since[slot] as number, now)
    },
    removed(slot) {
      const state = slots.state[slot]
      if (state === dirty) queues.dirtyList.remove(slot)
      else if (state === clean) queues.cleanList.remove(slot)
      else if (state === setAside) queues.aside.delete(slot)
      slots.state[slot] = gated
    },
    ungate(slot, now) {
      if (slots.state[slot] === gated) makeDirty(queues, slot, now, false)
    },
    tick(now) {
      for (const [slot, until] of queues.aside) {
        if (now < until) continue
        queues.aside.delete(slot)
        makeDirty(queues, slot, now, false)
      }
      for (const [departure, until] of queues.held) if (now >= until) queues.held.delete(departure)
    },
    get dirty() {
      return queues.dirtyList.size
    },
    get inFlight() {
      return queues.busy.size
    },
    get setAside() {
      return queues.aside.size
    },
    oldestChange: () => oldestChange(queues),
  }
}

function makeDirty({ slots, dirtyList }: Queues, slot: number, since: number, first: boolean): void {
  slots.state[slot] = dirty
  slots.since[slot] = since
  if (first) dirtyList.prepend(slot)
  else dirtyList.append(slot)
}

function oldestChange({ slots, dirtyList, changesUnderWay }: Queues): number | undefined {
  let oldest = dirtyList.head === -1 ? Number.POSITIVE_INFINITY : (slots.since[dirtyList.head] as number)
  for (const { since } of changesUnderWay) oldest = Math.min(oldest, since)
  return oldest === Number.POSITIVE_INFINITY ? undefined : oldest
}

/** One claim while it is put together. */
interface Taking {
  readonly request: ClaimRequest
  readonly accept: Accept
  readonly entries: Entry[]
  /** Groups of which it has departures and no object. */
  readonly departing: Set<string>
}

function takeDue(queues: Queues, settlement: Settlement, request: ClaimRequest, accept: Accept): Claimed | undefined {
  const taking: Taking = { request, accept, entries: [], departing: new Set() }
  let full = false
  if (request.departures) full = !takeDepartures(queues, taking)
  if (!full && request.changes) full = !takeChanges(queues, taking)
  const refreshedRows = full ? 0 : takeRefreshes(queues, taking)
  return taking.entries.length === 0 ? undefined : { claim: createClaim(taking.entries, settlement), refreshedRows }
}

function takeDepartures({ departures, busy, held }: Queues, { entries, departing, accept }: Taking): boolean {
  for (const departure of departures.all()) {
    const { resource, group, block } = departure
    const key = busyKey(resource, group)
    if (block === undefined || held.has(departure) || (busy.has(key) && !departing.has(key))) continue
    if (!accept(block.bytes, 0, true)) return false
    busy.set(key, (busy.get(key) ?? 0) + 1)
    departing.add(key)
    entries.push({ departure, resource, group, offered: true })
  }
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

function isBusy({ slots, busy }: Queues, slot: number, { request: { once }, departing }: Taking): boolean {
  if (busy.size === 0 && once === undefined) return false
  const key = busyKey(slots.resource[slot] as number, slots.group[slot] as string)
  return (busy.has(key) && !departing.has(key)) || once?.has(key) === true
}

function endEntry(busy: Map<string, number>, key: string): void {
  const left = (busy.get(key) ?? 0) - 1
  if (left > 0) busy.set(key, left)
  else busy.delete(key)
}

function offerSlot({ arena }: Queues, slot: number, accept: Accept): boolean {
  return accept(arena.bytes(slot), arena.offset(slot), false)
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
  taking.request.once?.add(key)
  taking.entries.push(entry)
  return entry
}

/** What the end of a claim does to each of its entries. */
function createSettlement(queues: Queues): Settlement {
  const { slots, departures, cleanList, aside, held, busy, changesUnderWay } = queues
  const end = (entry: Entry) => {
    endEntry(busy, busyKey(entry.resource, entry.group))
    if (!isDeparture(entry)) changesUnderWay.delete(entry)
  }
  const lives = (entry: ObjectEntry) => slots.birth[entry.slot] === entry.birth
  const isCurrent = (entry: ObjectEntry) => slots.version[entry.slot] === entry.version
  return {
    offer(entry, accept) {
      if (isDeparture(entry)) {
        const { block } = entry.departure
        if (block !== undefined) entry.offered = accept(block.bytes, 0, true)
      } else if (lives(entry)) {
        entry.offered = offerSlot(queues, entry.slot, accept)
        if (entry.offered) entry.version = slots.version[entry.slot] as number
      }
    },
    acknowledge(entry, now) {
      end(entry)
      if (isDeparture(entry)) {
        departures.settle(entry.departure)
      } else if (lives(entry)) {
        if (!isCurrent(entry)) return makeDirty(queues, entry.slot, slots.since[entry.slot] as number, false)
        slots.state[entry.slot] = clean
        slots.since[entry.slot] = now
        cleanList.append(entry.slot)
      }
    },
    release(entry) {
      end(entry)
      if (isDeparture(entry) || !lives(entry)) return
      const changedAt = slots.since[entry.slot] as number
      if (entry.changed) makeDirty(queues, entry.slot, entry.since, true)
      // Even if the change was offered since: the receiver may have an earlier attempt alone.
      else if (changedAt !== Number.POSITIVE_INFINITY) makeDirty(queues, entry.slot, changedAt, false)
      else {
        slots.state[entry.slot] = clean
        slots.since[entry.slot] = entry.since
        cleanList.prepend(entry.slot)
      }
    },
    setAside(entry, until) {
      end(entry)
      if (isDeparture(entry)) held.set(entry.departure, until)
      else if (lives(entry)) {
        slots.state[entry.slot] = setAside
        aside.set(entry.slot, until)
      }
    },
  }
}
