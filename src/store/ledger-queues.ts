/** The columns and queues of one ledger: per object a state, and what stands in line in each state. */

import type { Arena } from './arena.ts'
import type { Accept, ObjectEntry, SetAside } from './batch.ts'
import type { DeliveryEvent } from './delivery-states.ts'
import {
  acknowledged,
  nextState,
  outdated,
  pending,
  refused,
  setAside,
  stateCount,
  suspected,
  waiting,
} from './delivery-states.ts'
import type { SlotList } from './slot-list.ts'
import { createSlotLinks, createSlotList } from './slot-list.ts'
import { createSlotTimes } from './slot-times.ts'
import type { Slots } from './slots.ts'
import type { StaleMarker, StaleMarkers } from './stale-markers.ts'

/** One byte per object: the state below, and this bit. */
const sentBit = 0x80
const stateMask = 0x7f

export interface LedgerQueues {
  readonly slots: Slots
  readonly arena: Arena
  readonly markers: StaleMarkers
  /** In the order of their changes. */
  readonly pendingList: SlotList
  /** In the order of their acknowledgements. */
  readonly refreshList: SlotList
  /** Readmitted objects: refused together with others, and refused alone. */
  readonly suspectedList: SlotList
  readonly refusedList: SlotList
  /** Objects and stale markers that are set aside. */
  readonly asideSlots: Map<number, SetAside>
  readonly asideMarkers: Map<StaleMarker, SetAside>
  /** Readmitted stale markers; true: refused alone. */
  readonly readmittedMarkers: Map<StaleMarker, boolean>
  /** Stale markers of series that a former owner may still send; not sent until they are released. */
  readonly heldMarkers: Set<StaleMarker>
  /** Stale markers of series that another process may have begun; not sent until they are confirmed. */
  readonly unconfirmedMarkers: Set<StaleMarker>
  /** Stale markers that were acknowledged while the clock was in doubt; undefined while it is not. */
  markersInDoubt: Set<StaleMarker> | undefined
  /** Names in flight, and how many entries of each. */
  readonly busy: Map<string, number>
  readonly changesInFlight: Set<ObjectEntry>
  /** Objects that have changed since they were put into a batch. */
  readonly outdatedSlots: Set<number>
  /** Resources that another process may have sent: until they are synced, objects count as sent and stale markers wait. */
  readonly resuming: Set<number>
  stateOf(slot: number): number
  /** Since when the object is in its state, in whole milliseconds. */
  sinceOf(slot: number): number
  /** Whether the destination may have a series of the object. */
  mayHave(slot: number): boolean
  markSent(slot: number): void
  /** Takes a new object, waiting and never sent. */
  add(slot: number): void
  /** Moves an object to the state that follows, at the end of that state's queue or `first` in it. */
  move(slot: number, event: DeliveryEvent, since: number, first?: boolean): void
  /** A pending object has changed again, and counts as changed since then only. */
  renewPending(slot: number, since: number): void
  /** The object leaves. */
  remove(slot: number): void
  /** The ledger is closed. */
  close(): void
}

export function createLedgerQueues(slots: Slots, arena: Arena, markers: StaleMarkers): LedgerQueues {
  const links = createSlotLinks()
  const pendingList = createSlotList(links)
  const refreshList = createSlotList(links)
  const suspectedList = createSlotList(links)
  const refusedList = createSlotList(links)
  /** By state. */
  const lists: (SlotList | undefined)[] = Array.from({ length: stateCount })
  lists[pending] = pendingList
  lists[acknowledged] = refreshList
  lists[suspected] = suspectedList
  lists[refused] = refusedList
  const asideSlots = new Map<number, SetAside>()
  const outdatedSlots = new Set<number>()
  const resuming = new Set<number>()
  const times = createSlotTimes(slots.capacity)
  /** The delivery state of each object, and whether the destination may have a series of it. */
  let states = new Uint8Array(slots.capacity)
  links.grow(slots.capacity)
  const close = slots.onGrow((size) => {
    const larger = new Uint8Array(size)
    larger.set(states)
    states = larger
    times.grow(size)
    links.grow(size)
  })
  const stateOf = (slot: number) => (states[slot] as number) & stateMask
  const setState = (slot: number, state: number) => {
    states[slot] = ((states[slot] as number) & sentBit) | state
  }

  const leave = (slot: number, from: number) => {
    lists[from]?.remove(slot)
    if (from === setAside) asideSlots.delete(slot)
    if (from === outdated) outdatedSlots.delete(slot)
  }
  return {
    ...{ slots, arena, markers, pendingList, refreshList, suspectedList, refusedList, asideSlots },
    close,
    asideMarkers: new Map(),
    readmittedMarkers: new Map(),
    heldMarkers: new Set(),
    unconfirmedMarkers: new Set(),
    markersInDoubt: undefined,
    busy: new Map(),
    changesInFlight: new Set(),
    outdatedSlots,
    resuming,
    stateOf,
    sinceOf: times.get,
    mayHave: (slot) => ((states[slot] as number) & sentBit) !== 0,
    markSent(slot) {
      states[slot] = (states[slot] as number) | sentBit
    },
    add(slot) {
      states[slot] = resuming.has(slots.resource[slot] as number) ? waiting | sentBit : waiting
    },
    move(slot, event, at, first = false) {
      const from = stateOf(slot)
      const to = nextState(from, event)
      if (from === to) return
      leave(slot, from)
      setState(slot, to)
      times.set(slot, at)
      if (to === outdated) outdatedSlots.add(slot)
      if (first) lists[to]?.prepend(slot)
      else lists[to]?.append(slot)
    },
    renewPending(slot, since) {
      pendingList.remove(slot)
      pendingList.append(slot)
      times.set(slot, since)
    },
    remove(slot) {
      leave(slot, stateOf(slot))
      setState(slot, waiting)
    },
  }
}

/** False when the object's block does not fit. */
export function offerSlot({ arena }: LedgerQueues, slot: number, accept: Accept): boolean {
  return accept(arena.bytes(slot), arena.offset(slot), false)
}
