/**
 * The stale markers that one destination still needs: series that may have been sent and have ended, kept as blocks by
 * the resource, namespace and name of their object. Bounded in number and in age.
 */

import type { RowCursor } from '../rows/block.ts'
import { groupKey } from './batch-key.ts'
import type { ReducedBlock, SeriesId } from './series-sets.ts'
import { reduceBlock, seriesId } from './series-sets.ts'

/** Ended series of one object. `block` is undefined once all of them are live again or settled. */
export interface StaleMarker {
  readonly resource: number
  readonly group: string
  readonly since: number
  /**
   * The change that ended the series came after this revision of the resource, and so did an earlier one whose marker was
   * cancelled; 0 when that is not known.
   */
  readonly revision: number
  block: ReducedBlock | undefined
}

export interface MarkerLimits {
  /** Series. */
  readonly maxSeries: number
  readonly maxAgeMs: number
}

/** When series ended. */
export interface EndedAt {
  /** Milliseconds of the store's clock. */
  readonly now: number
  readonly revision: number
}

export interface StaleMarkers {
  /** Series that wait for their marker to be acknowledged. */
  readonly series: number
  /** Series dropped because there were too many, since the start. */
  readonly dropped: number
  /** Series dropped because they were too old, since the start. */
  readonly expired: number
  /** The block is shared between ledgers and never written to. */
  add(resource: number, group: string, block: ReducedBlock, at: EndedAt): StaleMarker
  /** Cancels the markers of series that are live again; true if there was any. */
  cancel(resource: number, group: string, series: ReadonlySet<SeriesId>): boolean
  has(resource: number, group: string): boolean
  /** Oldest first. */
  all(): Iterable<StaleMarker>
  settle(marker: StaleMarker): void
  /** Drops what is older than the limit. */
  expire(now: number): void
}

export function createStaleMarkers(cursor: RowCursor, limits: MarkerLimits): StaleMarkers {
  const queue = new Set<StaleMarker>()
  const byName = new Map<string, StaleMarker[]>()
  /**
   * By name, the oldest marker that was cancelled without being acknowledged: when the series end again, a process that is
   * between the two ends still needs its own marker.
   */
  const cancelled = new Map<string, Pick<StaleMarker, 'revision' | 'since'>>()
  let series = 0
  let dropped = 0
  let expired = 0

  const forget = (marker: StaleMarker) => {
    if (!queue.delete(marker)) return
    series -= marker.block?.rows ?? 0
    marker.block = undefined
    const key = groupKey(marker.resource, marker.group)
    const rest = (byName.get(key) as StaleMarker[]).filter((other) => other !== marker)
    if (rest.length === 0) byName.delete(key)
    else byName.set(key, rest)
  }
  const reduce = (marker: StaleMarker, live: ReadonlySet<SeriesId>): boolean => {
    const block = marker.block as ReducedBlock
    const rest = reduceBlock(cursor, block.bytes, 0, (row) => !live.has(seriesId(row)))
    if (rest === undefined) {
      forget(marker)
      return true
    }
    if (rest.rows === block.rows) return false
    series -= block.rows - rest.rows
    marker.block = rest
    return true
  }

  return {
    get series() {
      return series
    },
    get dropped() {
      return dropped
    },
    get expired() {
      return expired
    },
    add(resource, group, block, { now, revision: endedAt }) {
      const key = groupKey(resource, group)
      const revision = Math.min(endedAt, cancelled.get(key)?.revision ?? endedAt)
      const marker = { resource, group, since: now, revision, block }
      const others = byName.get(key)
      if (others === undefined) byName.set(key, [marker])
      else others.push(marker)
      queue.add(marker)
      series += block.rows
      for (const oldest of queue) {
        if (series <= limits.maxSeries) break
        dropped += oldest.block?.rows ?? 0
        forget(oldest)
      }
      return marker
    },
    cancel(resource, group, live) {
      const key = groupKey(resource, group)
      let any = false
      for (const marker of [...(byName.get(key) ?? [])]) {
        if (!reduce(marker, live)) continue
        any = true
        const { since, revision } = marker
        if (revision <= (cancelled.get(key)?.revision ?? revision)) cancelled.set(key, { since, revision })
      }
      return any
    },
    has: (resource, group) => byName.has(groupKey(resource, group)),
    all: () => queue,
    settle(marker) {
      cancelled.delete(groupKey(marker.resource, marker.group))
      forget(marker)
    },
    expire(now) {
      for (const oldest of queue) {
        if (now - oldest.since < limits.maxAgeMs) break
        expired += oldest.block?.rows ?? 0
        forget(oldest)
      }
      for (const [key, { since }] of cancelled) if (now - since >= limits.maxAgeMs) cancelled.delete(key)
    },
  }
}
