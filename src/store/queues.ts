/** The queues of what is pending, in flight and set aside, and the moves between them that several parts need. */

import type { Arena } from './arena.ts'
import type { Accept, ObjectEntry, SetAside } from './claim.ts'
import type { Departure, Departures } from './departures.ts'
import type { SlotList } from './slot-list.ts'
import type { Slots } from './slots.ts'
import { dirty } from './slots.ts'

export interface Queues {
  readonly slots: Slots
  readonly arena: Arena
  readonly departures: Departures
  readonly dirtyList: SlotList
  readonly cleanList: SlotList
  /** Slots and departures that are set aside. */
  readonly aside: Map<number, SetAside>
  readonly held: Map<Departure, SetAside>
  /** Slots and departures that wait for a request of their own; true: known to be refused. */
  readonly readmittedSlots: Map<number, boolean>
  readonly readmittedDepartures: Map<Departure, boolean>
  /** Groups under way, and how many entries of each. */
  readonly busy: Map<string, number>
  /** Changes under way, by entry. */
  readonly changesUnderWay: Set<ObjectEntry>
}

export const busyKey = (resource: number, group: string) => `${resource} ${group}`

export function makeDirty({ slots, dirtyList }: Queues, slot: number, since: number, first: boolean): void {
  slots.state[slot] = dirty
  slots.since[slot] = since
  if (first) dirtyList.prepend(slot)
  else dirtyList.append(slot)
}

export function endEntry(busy: Map<string, number>, key: string): void {
  const left = (busy.get(key) ?? 0) - 1
  if (left > 0) busy.set(key, left)
  else busy.delete(key)
}

export function offerSlot({ arena }: Queues, slot: number, accept: Accept): boolean {
  return accept(arena.bytes(slot), arena.offset(slot), false)
}
