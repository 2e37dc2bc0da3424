/**
 * Owns how long changes take from the API server to the receiver. Only changes that alter a series count, since no other
 * ever arrives; what is taken back before it was sent is forgotten.
 */

import type { Latencies } from './latencies.ts'

/** One change of an object; equal fingerprints mean equal series, an empty one none. */
export interface SeriesChange {
  readonly owner: string
  readonly before: string
  readonly after: string
  readonly atMs: number
}

export interface ChangeTracker {
  changed(change: SeriesChange): void
  /** A point of the object arrived that says something new; it was made at `sentMs`. */
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

/** Nobody waits longer for a change: whatever was to arrive has been sent several times since. */
const patienceMs = 300_000

export function createChangeTracker(latencies: Latencies): ChangeTracker {
  const pendingOf = new Map<string, Pending[]>()
  let pending = 0
  let effective = 0

  const replace = (owner: string, rest: Pending[]) => {
    pending += rest.length - (pendingOf.get(owner)?.length ?? 0)
    pendingOf.delete(owner)
    if (rest.length > 0) pendingOf.set(owner, rest)
  }
  const giveUp = (nowMs: number) => {
    for (const [owner, [oldest]] of pendingOf) {
      if (oldest !== undefined && oldest.atMs > nowMs - patienceMs) return
      replace(owner, [])
    }
  }

  return {
    changed({ owner, before, after, atMs }) {
      giveUp(atMs)
      if (before === after) return
      effective++
      const waiting = pendingOf.get(owner) ?? []
      const isTakenBack = waiting.length > 0 && waiting[0]?.before === after
      replace(owner, isTakenBack ? [] : [...waiting, { before, atMs }])
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
