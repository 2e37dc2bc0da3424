/**
 * Owns what the next request takes and which timestamp it carries. Two agendas: a stream of changes with a refresh that
 * trickles, and rounds in which everything is sent with one timestamp. They refuse to send.
 */

import type { ClaimRequest } from '../store/delivery.ts'
import type { RefreshPace } from './refresh-pace.ts'

export interface Agenda {
  /** A tick has come: what is due now may leave. */
  begin(): void
  /** What the next request may take; undefined: nothing until the next tick. `underWay` counts requests that are not settled. */
  next(underWay: number): ClaimRequest | undefined
  /** What was taken of that, with so many rows of refreshed objects. */
  taken(share: Share, refreshedRows: number): void
  /** Something is due again, or was sent with a timestamp of its own: what follows needs a newer one. */
  renew(): void
  /** The next request's timestamp in Unix milliseconds, greater than that of any request that holds one of its series. */
  timestamp(): number
}

/** How much of what was due a request took: `full` when more is due than fitted. */
export type Share = 'none' | 'all' | 'full'

interface AgendaOptions {
  /** Each call yields a greater one. */
  readonly timestamps: () => number
  /** The store's clock. */
  readonly now: () => number
}

const departuresAndChanges = {
  departures: true,
  changes: true,
  refreshBefore: Number.NEGATIVE_INFINITY,
  refreshRows: 0,
}

/** Departures, changes and a share of the refresh at each tick; every request has a timestamp of its own. */
export function createStreamAgenda(
  options: AgendaOptions & { readonly pace: RefreshPace; readonly totalRows: () => number },
): Agenda {
  const { timestamps, now, pace, totalRows } = options
  let isDue = false
  let begunAt = 0
  return {
    begin() {
      isDue = true
      begunAt = now()
      pace.tick(totalRows())
    },
    next: () =>
      isDue ? { departures: true, changes: true, refreshBefore: begunAt, refreshRows: pace.budget } : undefined,
    taken(share, refreshedRows) {
      pace.spend(refreshedRows)
      isDue = share === 'full'
    },
    renew() {
      isDue = true
    },
    timestamp: timestamps,
  }
}

/** For the last flush: what is owed and nothing else, until there is no more of it. */
export function createFinalAgenda({ timestamps }: Pick<AgendaOptions, 'timestamps'>): Agenda {
  let state: 'due' | 'waiting' | 'done' = 'done'
  let isQuiet = false
  return {
    begin() {
      state = 'due'
    },
    next(underWay) {
      isQuiet = underWay === 0
      // What shares a name with something under way was passed over, and is asked for again when all has ended.
      return state === 'due' || (state === 'waiting' && isQuiet) ? departuresAndChanges : undefined
    },
    taken(share) {
      if (share === 'full') state = 'due'
      else state = share === 'none' && isQuiet ? 'done' : 'waiting'
    },
    renew() {
      state = 'due'
    },
    timestamp: timestamps,
  }
}

/**
 * A round at each tick: the departures, and when they are settled all objects, each part with one timestamp for all its
 * requests. What fails is sent again in the same round, with a newer one. A tick during a round begins another
 * right after it.
 */
export function createRoundAgenda({ timestamps, now }: AgendaOptions): Agenda {
  let phase: 'idle' | 'departures' | 'objects' = 'idle'
  let isDrained = false
  let isAwaited = false
  let begunAt = 0
  let stamp: number | undefined
  let once = new Set<string>()

  const enter = (next: typeof phase) => {
    phase = next
    isDrained = false
    stamp = undefined
    once = new Set()
  }
  const begin = () => {
    isAwaited = phase !== 'idle'
    if (isAwaited) return
    begunAt = now()
    enter('departures')
  }
  const advance = () => {
    if (phase === 'departures') return enter('objects')
    enter('idle')
    if (isAwaited) begin()
  }

  return {
    begin,
    next(underWay) {
      if (phase !== 'idle' && isDrained && underWay === 0) advance()
      if (phase === 'idle' || isDrained) return undefined
      if (phase === 'departures') return { ...departuresAndChanges, changes: false }
      const everything = { changes: true, refreshBefore: begunAt, refreshRows: Number.POSITIVE_INFINITY }
      return { ...everything, departures: false, once }
    },
    taken(share) {
      isDrained = share !== 'full'
    },
    renew() {
      if (phase !== 'idle') enter(phase)
    },
    timestamp() {
      stamp ??= timestamps()
      return stamp
    },
  }
}
