/** The model of a ledger: a state per object, stale markers and names in flight, without queues and bytes. */
import type { LedgerMode } from '../../src/store/ledger.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import type { Line } from './universe.ts'

export interface ModelObject {
  readonly resource: number
  readonly uid: string
  readonly name: string
  /** What it was put with. */
  all: readonly Line[]
  /** Without those that limits withhold. */
  lines: readonly Line[]
  /** Each series once, with its first value. */
  rows: ReadonlyMap<string, number>
}

/** Other objects of the name that have some of the series. */
type MatesWith = (object: ModelObject, series: ReadonlySet<string>) => readonly ModelObject[]

export const groupOf = ({ resource, name }: { readonly resource: number; readonly name: string }) =>
  `${resource} ${name}`

export type State = 'waiting' | 'pending' | 'inFlight' | 'acknowledged' | 'aside' | 'suspected' | 'refused'

/** An object in a ledger. */
export interface Standing {
  state: State
  /** The destination may have some of its series. */
  sent: boolean
  /** Something happened to it since it was taken, and since it was encoded last. */
  changedInFlight: boolean
  outdated: boolean
  acknowledgedAt: number
  asideUntil: number
  isProven: boolean
}

export interface ModelMarker {
  readonly resource: number
  readonly name: string
  readonly since: number
  readonly series: Set<string>
  state: 'pending' | 'aside' | 'readmitted'
  asideUntil: number
  isProven: boolean
}

export interface ObjectEntry {
  readonly object: ModelObject
  readonly wasPending: boolean
  readonly since: number
  offered: boolean
}

export interface MarkerEntry {
  readonly marker: ModelMarker
  offered: boolean
}

export type ModelEntry = ObjectEntry | MarkerEntry

export interface ModelLimits {
  readonly maxSeries: number
  readonly maxAgeMs: number
}

export const isMarker = (entry: ModelEntry): entry is MarkerEntry => 'marker' in entry
export const ofEntry = (entry: ModelEntry) => (isMarker(entry) ? entry.marker : entry.object)

export class ModelLedger {
  readonly standings = new Map<ModelObject, Standing>()
  markers: ModelMarker[] = []
  /** Names in flight, and how many entries of each. */
  readonly busy = new Map<string, number>()
  /** Series that may stay at the receiver: their markers were dropped, or they were handed over. */
  readonly forgiven = new Set<string>()
  mode: LedgerMode = 'leading'
  dropped = 0
  expired = 0
  readonly #matesWith: MatesWith
  readonly #limits: ModelLimits

  constructor(limits: ModelLimits, matesWith: MatesWith) {
    this.#limits = limits
    this.#matesWith = matesWith
  }

  of(object: ModelObject): Standing {
    return this.standings.get(object) as Standing
  }

  count(state: State): number {
    return [...this.standings.values()].filter((standing) => standing.state === state).length
  }

  pendingMarkers(): number {
    return this.markers.reduce((sum, { series }) => sum + series.size, 0)
  }

  setMode(mode: LedgerMode): void {
    if (this.mode === 'standby') for (const standing of this.standings.values()) standing.sent = true
    this.mode = mode
  }

  add(object: ModelObject, synced: boolean): void {
    this.standings.set(object, {
      ...{ state: synced ? 'pending' : 'waiting', sent: false, changedInFlight: false, outdated: false },
      ...{ acknowledgedAt: 0, asideUntil: 0, isProven: false },
    })
    this.#cancel(object)
  }

  admit(object: ModelObject): void {
    const standing = this.of(object)
    if (standing.state === 'waiting') standing.state = 'pending'
  }

  change(object: ModelObject, gone: ReadonlySet<string>, now: number): void {
    this.#cancel(object)
    this.#end(object, gone, now)
    this.#changed(object)
  }

  strip(object: ModelObject, gone: ReadonlySet<string>, now: number): void {
    this.#end(object, gone, now)
    if (this.of(object).state === 'inFlight') this.#changed(object)
  }

  remove(object: ModelObject, series: ReadonlySet<string>, reason: RemovalReason, now: number): void {
    if (reason === 'deleted') this.#end(object, series, now)
    else {
      this.#leave(object, series)
      for (const name of series) this.forgiven.add(name)
    }
    this.standings.delete(object)
  }

  tick(now: number): void {
    for (const standing of this.standings.values()) {
      if (standing.state !== 'aside' || standing.asideUntil > now) continue
      standing.state = standing.isProven ? 'refused' : 'suspected'
    }
    for (const marker of this.markers) {
      if (marker.state === 'aside' && marker.asideUntil <= now) marker.state = 'readmitted'
    }
    for (const marker of [...this.markers]) {
      if (now - marker.since < this.#limits.maxAgeMs) return
      this.expired += marker.series.size
      this.#giveUp(marker)
    }
  }

  /** The entry was accepted for a request. */
  offered(entry: ModelEntry): void {
    entry.offered = true
    if (isMarker(entry)) return
    this.of(entry.object).outdated = false
    for (const series of entry.object.rows.keys()) this.forgiven.delete(series)
  }

  acknowledge(entry: ModelEntry, now: number): void {
    if (entry.offered) this.#accepted(entry, now)
    else this.release(entry)
  }

  #accepted(entry: ModelEntry, now: number): void {
    this.#endEntry(entry)
    if (isMarker(entry)) this.#settle(entry.marker)
    else if (this.standings.has(entry.object)) {
      const standing = this.of(entry.object)
      standing.state = standing.outdated ? 'pending' : 'acknowledged'
      standing.acknowledgedAt = now
    }
  }

  release(entry: ModelEntry): void {
    this.#endEntry(entry)
    const standing = isMarker(entry) ? undefined : this.standings.get(entry.object)
    if (isMarker(entry) || standing === undefined) return
    standing.state = entry.wasPending || standing.changedInFlight ? 'pending' : 'acknowledged'
    standing.acknowledgedAt = entry.since
  }

  setAside(entry: ModelEntry, asideUntil: number, isProven: boolean): void {
    this.#endEntry(entry)
    const target = isMarker(entry) ? entry.marker : this.standings.get(entry.object)
    if (target !== undefined) Object.assign(target, { state: 'aside', asideUntil, isProven })
  }

  #endEntry(entry: ModelEntry): void {
    const key = groupOf(ofEntry(entry))
    const left = (this.busy.get(key) ?? 0) - 1
    if (left > 0) this.busy.set(key, left)
    else this.busy.delete(key)
  }

  #changed(object: ModelObject): void {
    const standing = this.of(object)
    standing.changedInFlight = standing.outdated = true
    if (standing.state === 'acknowledged') standing.state = 'pending'
  }

  /** Series that are live again need no marker. */
  #cancel(object: ModelObject): void {
    for (const marker of this.markers) {
      if (groupOf(marker) !== groupOf(object)) continue
      for (const series of object.rows.keys()) if (marker.series.delete(series)) this.of(object).sent = true
    }
    this.markers = this.markers.filter(({ series }) => series.size > 0)
  }

  /** What of `gone` no other object of the name has; those that have some of it take it over and are sent again. */
  #leave(object: ModelObject, gone: ReadonlySet<string>): Set<string> {
    if (!this.of(object).sent && this.mode !== 'standby') return new Set()
    const alone = new Set(gone)
    for (const mate of this.#matesWith(object, gone)) {
      for (const series of mate.rows.keys()) alone.delete(series)
      this.of(mate).sent = true
      this.#changed(mate)
    }
    return alone
  }

  #end(object: ModelObject, gone: ReadonlySet<string>, now: number): void {
    const series = this.#leave(object, gone)
    if (series.size === 0) return
    const { resource, name } = object
    this.markers.push({ resource, name, since: now, series, state: 'pending', asideUntil: 0, isProven: false })
    while (this.pendingMarkers() > this.#limits.maxSeries) {
      const oldest = this.markers[0] as ModelMarker
      this.dropped += oldest.series.size
      this.#giveUp(oldest)
    }
  }

  #giveUp(marker: ModelMarker): void {
    for (const series of marker.series) this.forgiven.add(series)
    this.#settle(marker)
  }

  #settle(marker: ModelMarker): void {
    this.markers = this.markers.filter((other) => other !== marker)
    marker.series.clear()
  }
}
