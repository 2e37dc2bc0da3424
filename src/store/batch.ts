/** What is in flight to one destination: a batch holds objects and stale markers until its request is settled. */

import { groupKey } from './batch-key.ts'
import type { StaleMarker } from './stale-markers.ts'

/** One block offered for a request; false when it does not fit. `ended`: its rows are to be sent as stale markers. */
export type Accept = (bytes: Uint8Array, at: number, ended: boolean) => boolean

/** An object in flight; `birth` tells it from a later owner of the slot. */
export interface ObjectEntry {
  readonly slot: number
  readonly birth: number
  readonly resource: number
  readonly group: string
  /** False: it did not fit when it was offered again, so that the batch's end says nothing about it. */
  offered: boolean
  /** A change that was not acknowledged, which arrived at `since`; false: a refresh, and `since` is its acknowledgement. */
  wasPending: boolean
  since: number
}

/** The stale markers of an object in flight. */
export interface MarkerEntry {
  readonly marker: StaleMarker
  readonly resource: number
  readonly group: string
  offered: boolean
}

export type Entry = ObjectEntry | MarkerEntry

export const isMarker = (entry: Entry): entry is MarkerEntry => 'marker' in entry

const keyOf = ({ resource, group }: Entry) => groupKey(resource, group)

/** Exactly one of `acknowledge`, `release`, `setAside` and `split` ends a batch. */
export interface Batch {
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
  /** Two batches in place of this one, if it has two names or more. Whatever it holds of a name stays together. */
  split(): [Batch, Batch]
  /** Resource and `namespace/name` of each entry. */
  names(): { readonly resource: number; readonly group: string }[]
}

/** Until when something is set aside, and whether it alone is known to be refused. */
export interface SetAside {
  readonly until: number
  readonly isProven: boolean
}

/** What the end of a batch does to its entries in the ledger. */
export interface Settlement {
  /** What is gone is left out. */
  offer(entry: Entry, accept: Accept): void
  acknowledge(entry: Entry, now: number): void
  release(entry: Entry): void
  setAside(entry: Entry, aside: SetAside): void
}

export function createBatch(entries: readonly Entry[], settlement: Settlement): Batch {
  // Last first: each goes back to the front of its queue, so the order stays.
  const releaseAll = (some: readonly Entry[]) => {
    for (let i = some.length - 1; i >= 0; i--) settlement.release(some[i] as Entry)
  }
  return {
    get size() {
      return new Set(entries.map(keyOf)).size
    },
    offer(accept) {
      for (const entry of entries) settlement.offer(entry, accept)
    },
    acknowledge(now) {
      for (const entry of entries) if (entry.offered) settlement.acknowledge(entry, now)
      if (entries.some(({ offered }) => !offered)) releaseAll(entries.filter(({ offered }) => !offered))
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
      const keys = [...new Set(entries.map(keyOf))]
      const first = new Set(keys.slice(0, keys.length >> 1))
      const half = (isFirst: boolean) => entries.filter((entry) => first.has(keyOf(entry)) === isFirst)
      return [createBatch(half(true), settlement), createBatch(half(false), settlement)]
    },
    names: () => entries.map(({ resource, group }) => ({ resource, group })),
  }
}
