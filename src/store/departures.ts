/**
 * Owns the stale markers that are owed: series that were pushed and exist no more, kept as reduced blocks by the
 * resource, namespace and name of their object. It refuses to know why a series departed or how a marker is sent.
 */

import type { RowCursor } from '../rows/block.ts'
import type { ReducedBlock, SeriesId } from './series-sets.ts'
import { reduceBlock, seriesId } from './series-sets.ts'

/** Series of one object that are gone. `block` is undefined once all of them are back or settled. */
export interface Departure {
  readonly resource: number
  readonly group: string
  readonly since: number
  block: ReducedBlock | undefined
}

export interface Departures {
  /** Owed series. */
  readonly series: number
  /** Series dropped because there were too many, since the start. */
  readonly dropped: number
  /** Series dropped because they were too old, since the start. */
  readonly expired: number
  owe(resource: number, group: string, block: ReducedBlock, now: number): void
  /** Takes back what the group owes of these series; true if there was any. */
  cancel(resource: number, group: string, series: ReadonlySet<SeriesId>): boolean
  owes(resource: number, group: string): boolean
  /** The owed ones, oldest first. */
  all(): Iterable<Departure>
  settle(departure: Departure): void
  /** Drops what is older than the limit. */
  expire(now: number): void
}

export function createDepartures(options: {
  readonly cursor: RowCursor
  readonly maxSeries: number
  readonly maxAgeMs: number
}): Departures {
  const queue = new Set<Departure>()
  const groups = new Map<string, Departure[]>()
  const keyOf = (resource: number, group: string) => `${resource} ${group}`
  let series = 0
  let dropped = 0
  let expired = 0

  const forget = (departure: Departure) => {
    if (!queue.delete(departure)) return
    series -= departure.block?.rows ?? 0
    departure.block = undefined
    const key = keyOf(departure.resource, departure.group)
    const rest = (groups.get(key) as Departure[]).filter((other) => other !== departure)
    if (rest.length === 0) groups.delete(key)
    else groups.set(key, rest)
  }
  const reduce = (departure: Departure, back: ReadonlySet<SeriesId>): boolean => {
    const block = departure.block as ReducedBlock
    const rest = reduceBlock(options.cursor, block.bytes, 0, (cursor) => !back.has(seriesId(cursor)))
    if (rest === undefined) {
      forget(departure)
      return true
    }
    if (rest.rows === block.rows) return false
    series -= block.rows - rest.rows
    departure.block = rest
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
    owe(resource, group, block, now) {
      const departure = { resource, group, since: now, block }
      const key = keyOf(resource, group)
      const others = groups.get(key)
      if (others === undefined) groups.set(key, [departure])
      else others.push(departure)
      queue.add(departure)
      series += block.rows
      for (const oldest of queue) {
        if (series <= options.maxSeries) break
        dropped += oldest.block?.rows ?? 0
        forget(oldest)
      }
    },
    cancel(resource, group, back) {
      let any = false
      for (const departure of [...(groups.get(keyOf(resource, group)) ?? [])]) any = reduce(departure, back) || any
      return any
    },
    owes: (resource, group) => groups.has(keyOf(resource, group)),
    all: () => queue,
    settle: forget,
    expire(now) {
      for (const oldest of queue) {
        if (now - oldest.since < options.maxAgeMs) break
        expired += oldest.block?.rows ?? 0
        forget(oldest)
      }
    },
  }
}
