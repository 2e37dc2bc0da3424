/**
 * Owns who is due: changed objects, objects due for refresh and owed departures. An object is in at most one claim,
 * and so is everything of its resource, namespace and name; a claim may hold the departures of a name beside one of its
 * objects, since what lives is owed no marker. It refuses to know bytes on a wire: the caller says by `accept`.
 */

import type { Arena } from './arena.ts'
import type { Accept, Entry, ObjectEntry, Settlement } from './claim.ts'
import { isDeparture } from './claim.ts'
import type { Departures } from './departures.ts'
import type { Queues } from './queues.ts'
import { busyKey, endEntry, makeDirty, offerSlot } from './queues.ts'
import { createSlotList } from './slot-list.ts'
import type { Slots } from './slots.ts'
import { clean, dirty, gated, inFlight, readmitted, setAside } from './slots.ts'
import type { Claimed, ClaimRequest } from './take-due.ts'
import { takeDue, takeReadmitted } from './take-due.ts'

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
  /** Takes what was set aside and may be sent again: first what may be harmless, later what is known to be refused. */
  claimReadmitted(accept: Accept): Claimed | undefined
  /** Brings back what was set aside until now. */
  tick(now: number): void
  readonly dirty: number
  readonly inFlight: number
  /** Objects. */
  readonly setAside: number
  /** When the oldest change that was not acknowledged arrived; undefined when there is none. */
  oldestChange(): number | undefined
}

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
    readmittedSlots: new Map(),
    readmittedDepartures: new Map(),
    busy: new Map(),
    changesUnderWay: new Set(),
  }
  const settlement = createSettlement(queues)
  return {
    claim: (request, accept) => takeDue(queues, settlement, request, accept),
    claimReadmitted: (accept) =>
      takeReadmitted(queues, settlement, accept, false) ?? takeReadmitted(queues, settlement, accept, true),
    changed(slot, now) {
      const state = slots.state[slot]
      if (state === dirty || state === setAside || state === readmitted) return
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
      else if (state === readmitted) queues.readmittedSlots.delete(slot)
      slots.state[slot] = gated
    },
    ungate(slot, now) {
      if (slots.state[slot] === gated) makeDirty(queues, slot, now, false)
    },
    tick(now) {
      for (const [slot, { until, isProven }] of queues.aside) {
        if (now < until) continue
        queues.aside.delete(slot)
        slots.state[slot] = readmitted
        slots.since[slot] = now
        queues.readmittedSlots.set(slot, isProven)
      }
      for (const [departure, { until, isProven }] of queues.held) {
        if (now < until) continue
        queues.held.delete(departure)
        if (departure.block !== undefined) queues.readmittedDepartures.set(departure, isProven)
      }
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

function oldestChange({ slots, dirtyList, changesUnderWay }: Queues): number | undefined {
  let oldest = dirtyList.head === -1 ? Number.POSITIVE_INFINITY : (slots.since[dirtyList.head] as number)
  for (const { since } of changesUnderWay) oldest = Math.min(oldest, since)
  return oldest === Number.POSITIVE_INFINITY ? undefined : oldest
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
