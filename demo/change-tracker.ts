/**
 * Measures the latency of changes from the API server to the receiver. Only changes of series count, because others are
 * not sent. A change that is reverted before it was sent is dropped.
 */

import type { Latencies } from './latencies.ts'

/** One change of an object. Equal fingerprints mean equal series, an empty fingerprint no series. */
export interface SeriesChange {
  readonly owner: string
  readonly before: string
  readonly after: string
  readonly atMs: number
}

export interface ChangeTracker {
  changed(change: SeriesChange): void
  /** A point with a new value of the object arrived; its timestamp is `sentMs`. */
  arrived(owner: string, sentMs: number, arrivedMs: number): void
  /** Changes that have not arrived yet. */
  readonly pending: number
  /** Changes to series so far. */
  readonly effective: number
}

interface Pending {
  readonly before: string
  readonly atMs: number
}

/** After this time a change is dropped: it has been refreshed several times since. */
const maxPendingMs = 300_000

export function createChangeTracker(latencies: Latencies): ChangeTracker {
  const pendingOf = new Map<string, Pending[]>()
  let pending = 0
  let effective = 0

  const replace = (owner: string, rest: Pending[]) => {
    pending += rest.length - (pendingOf.get(owner)?.length ?? 0)
    pendingOf.delete(owner)
    if (rest.length > 0) pendingOf.set(owner, rest)
  }
  const dropOld = (nowMs: number) => {
    for (const [owner, [oldest]] of pendingOf) {
      if (oldest !== undefined && oldest.atMs > nowMs - maxPendingMs) return
      replace(owner, [])
    }
  }

  return {
    changed({ owner, before, after, atMs }) {
      dropOld(atMs)
      if (before === after) return
      effective++
      const waiting = pendingOf.get(owner) ?? []
      const isReverted = waiting.length > 0 && waiting[0]?.before === after
      replace(owner, isReverted ? [] : [...waiting, { before, atMs }])
    },
    arrived(owner, sentMs, arrivedMs) {
      const waiting = pendingOf.get(owner)
      if (waiting === undefined) return
      const later = waiting.filter(({ atMs }) => atMs > sentMs)
      for (const { atMs } of waiting) if (atMs <= sentMs) latencies.add(arrivedMs, arrivedMs - atMs)
      replace(owner, later)
    },
    get pending() {
      return pending
    },
    get effective() {
      return effective
    },
  }
}
