/**
 * When which revisions of a resource arrived in this process: what a standby needs to know which of its changes the leader has
 * come to. A leader keeps only the newest revision.
 */

import { revisionIn } from '../kubernetes/reflector/revision.ts'
import type { Clock } from '../time/clock.ts'

export interface ArrivalsOptions {
  /** That of the store. */
  readonly clock: Pick<Clock, 'now'>
  /** Whether another process may lead, so that times are kept. */
  readonly isStandby: () => boolean
}

export interface Arrivals {
  /** What arrives in one scope of a resource; `namespace` is undefined for all. The same one for equal arguments. */
  of(resource: number, namespace: string | undefined): ArrivalHistory
  /** Of namespaces that are read alone. */
  namespacesOf(resource: number): readonly string[]
  /**
   * What changed in the store before this time, in a namespace or (undefined) in all, came with revisions up to this one; Infinity
   * if all of it did.
   */
  until(resource: number, revision: number, namespace?: string): number
  /** Times of revisions up to this one are not asked for any more. */
  forget(resource: number, revision: number): void
}

const everywhere = ''

export function createArrivals(options: ArrivalsOptions): Arrivals {
  /** By resource, then by namespace. */
  const histories = new Map<number, Map<string, ArrivalHistory>>()
  const historiesOf = (resource: number) => {
    const known = histories.get(resource) ?? new Map<string, ArrivalHistory>()
    histories.set(resource, known)
    return known
  }
  return {
    of(resource, namespace = everywhere) {
      const known = historiesOf(resource)
      const history = known.get(namespace) ?? new ArrivalHistory(options)
      known.set(namespace, history)
      return history
    },
    namespacesOf: (resource) => [...historiesOf(resource).keys()].filter((namespace) => namespace !== everywhere),
    until(resource, revision, namespace) {
      let until = Number.POSITIVE_INFINITY
      for (const [of, history] of historiesOf(resource)) {
        const isRead = namespace === undefined || of === everywhere || of === namespace
        if (isRead) until = Math.min(until, history.until(revision))
      }
      return until
    },
    forget(resource, revision) {
      for (const history of historiesOf(resource).values()) history.forget(revision)
    },
  }
}

/** From its time on, revisions up to this one have arrived. */
interface Arrival {
  /** Whole milliseconds, as the times of changes in ledgers. */
  readonly atMs: number
  revision: number
}

/** While a leader lags behind; more are thinned out. */
const maxArrivals = 1000

/** A class, since there may be thousands. */
export class ArrivalHistory {
  readonly #options: ArrivalsOptions
  #newest = 0
  /** What came before the arrivals has revisions up to this one. */
  #before = 0
  /** Oldest first, with ascending revisions. */
  #arrivals: Arrival[] = []

  constructor(options: ArrivalsOptions) {
    this.#options = options
  }

  /** To be called before what comes with the revision is stored. One that is not a number is never reached. */
  arrived(resourceVersion: string): void {
    const revision = revisionIn(resourceVersion) || Number.POSITIVE_INFINITY
    if (revision <= this.#newest) return
    this.#newest = revision
    if (this.#options.isStandby()) this.#append(revision)
    else this.#forgetAll()
  }

  /** What changed in the store before this time came with revisions up to this one. */
  until(revision: number): number {
    if (this.#newest <= revision) return Number.POSITIVE_INFINITY
    if (this.#before > revision) return Number.NEGATIVE_INFINITY
    return this.#arrivals.find((arrival) => arrival.revision > revision)?.atMs ?? Number.NEGATIVE_INFINITY
  }

  forget(revision: number): void {
    const first = this.#arrivals.findIndex((arrival) => arrival.revision > revision)
    if (this.#newest <= revision) this.#forgetAll()
    else if (first > 0) this.#before = (this.#arrivals.splice(0, first).at(-1) as Arrival).revision
  }

  #forgetAll(): void {
    this.#before = this.#newest
    if (this.#arrivals.length > 0) this.#arrivals = []
  }

  #append(revision: number): void {
    const atMs = Math.floor(this.#options.clock.now())
    const last = this.#arrivals.at(-1)
    if (last?.atMs === atMs) last.revision = revision
    else this.#arrivals.push({ atMs, revision })
    if (this.#arrivals.length > maxArrivals) this.#arrivals = thinned(this.#arrivals)
  }
}

/** Of two, the earlier time and the later revision: what is between them counts as later than it is known to be. */
function thinned(arrivals: readonly Arrival[]): Arrival[] {
  return arrivals.flatMap(({ atMs, revision }, i) =>
    i % 2 === 0 ? { atMs, revision: arrivals[i + 1]?.revision ?? revision } : [],
  )
}
