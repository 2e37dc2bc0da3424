/**
 * Owns what is under way to the receiver: a claim holds objects and departures from the moment they are taken until
 * the request is decided. It refuses to choose what is due (delivery.ts) and to know bytes on a wire (push).
 */

import type { Departure } from './departures.ts'

/** One block offered for a request; false when it does not fit. `ended`: its rows are to be sent as stale markers. */
export type Accept = (bytes: Uint8Array, at: number, ended: boolean) => boolean

/** An object under way. `version` is its content as last offered, `birth` tells it from a later owner of the slot. */
export interface ObjectEntry {
  readonly slot: number
  readonly birth: number
  version: number
  readonly resource: number
  readonly group: string
  /** False: it did not fit when it was offered again, so that the claim's end says nothing about it. */
  offered: boolean
  /** It was due for a change that arrived at `since`; else for a refresh, and `since` is its last acknowledgement. */
  readonly changed: boolean
  readonly since: number
}

/** Owed markers under way. */
export interface DepartureEntry {
  readonly departure: Departure
  readonly resource: number
  readonly group: string
  offered: boolean
}

export type Entry = ObjectEntry | DepartureEntry

const nameOf = ({ resource, group }: Entry) => `${resource} ${group}`

export const isDeparture = (entry: Entry): entry is DepartureEntry => 'departure' in entry

/** Objects and departures under way. Exactly one of `acknowledge`, `release`, `setAside` and `split` ends it. */
export interface Claim {
  /** Names of which it holds something. */
  readonly size: number
  /** Offers everything again as it is now, in the same order, leaving out what is gone. What is not accepted stays due. */
  offer(accept: Accept): void
  /** All of it arrived that was accepted when last offered. */
  acknowledge(now: number): void
  /** It did not, or nobody knows: all of it stays due. */
  release(): void
  /**
   * All of it stays due, but is not offered again before `until`, and then not together with anything else. `isProven`:
   * it is known to be refused; otherwise it may contain what is not.
   */
  setAside(until: number, isProven: boolean): void
  /** Two claims in place of this one, for a claim of two names or more. Whatever it holds of a name stays together. */
  split(): [Claim, Claim]
  /** Resource and `namespace/name` of each entry. */
  names(): { readonly resource: number; readonly group: string }[]
}

/** Until when something is set aside, and whether it alone is known to be refused. */
export interface SetAside {
  readonly until: number
  readonly isProven: boolean
}

/** What a claim does to the queues when it ends. */
export interface Settlement {
  /** What is gone is left out. */
  offer(entry: Entry, accept: Accept): void
  acknowledge(entry: Entry, now: number): void
  release(entry: Entry): void
  setAside(entry: Entry, aside: SetAside): void
}

export function createClaim(entries: readonly Entry[], settlement: Settlement): Claim {
  // Last first: each goes back to the front of its queue, so the order stays.
  const releaseAll = (some: readonly Entry[]) => {
    for (let i = some.length - 1; i >= 0; i--) settlement.release(some[i] as Entry)
  }
  return {
    size: new Set(entries.map(nameOf)).size,
    offer(accept) {
      for (const entry of entries) settlement.offer(entry, accept)
    },
    acknowledge(now) {
      const arrived = entries.filter(({ offered }) => offered)
      for (const entry of arrived) settlement.acknowledge(entry, now)
      releaseAll(entries.filter(({ offered }) => !offered))
    },
    release() {
      releaseAll(entries)
    },
    setAside(until, isProven) {
      const aside = { until, isProven }
      for (const entry of entries) settlement.setAside(entry, aside)
    },
    split() {
      // Requests of the halves may overtake each other, and the series of a name may move between object and markers.
      const names = [...new Set(entries.map(nameOf))]
      const first = new Set(names.slice(0, names.length >> 1))
      const [one = [], two = []] = [true, false].map((isFirst) =>
        entries.filter((e) => first.has(nameOf(e)) === isFirst),
      )
      return [createClaim(one, settlement), createClaim(two, settlement)]
    },
    names: () => entries.map(({ resource, group }) => ({ resource, group })),
  }
}
