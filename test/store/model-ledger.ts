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

/** The series that a destination gets. */
export interface ModelSelection {
  includesSeries(series: string): boolean
  /** A `namespace/name`, or the name of a cluster-scoped object. */
  includesName(name: string): boolean
}

export const everySeries: ModelSelection = { includesSeries: () => true, includesName: () => true }

/** What the model of a ledger sees of the model of the store. */
export interface ModelView {
  readonly now: () => number
  /** Up to which all changes have arrived. */
  readonly revision: () => number
  /** A former owner may send it. */
  isHeld(object: ModelObject): boolean
  readonly matesWith: MatesWith
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
  /** When it first changed since it was taken, and since it was encoded last. */
  changedInFlight: number | undefined
  outdated: number | undefined
  /** When it came into its state; of a pending one when its change arrived, in standby its last one. */
  since: number
  asideUntil: number
  isProven: boolean
}

export interface ModelMarker {
  readonly resource: number
  readonly name: string
  readonly since: number
  readonly revision: number
  readonly series: Set<string>
  /** Not sent while a former owner may send the series, and until it is known that nobody has begun them again. */
  isHeld: boolean
  isUnconfirmed: boolean
  state: 'pending' | 'aside' | 'readmitted'
  asideUntil: number
  isProven: boolean
}

export interface HowModelSeriesEnd {
  readonly isUnconfirmed?: boolean
  /** Not all objects of the resource are listed, so what another process may have sent does not count. */
  readonly isUnlisted?: boolean
}

export interface ObjectEntry {
  readonly object: ModelObject
  wasPending: boolean
  since: number
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
  /** By name, the oldest marker that was cancelled without being acknowledged. */
  readonly #cancelled = new Map<string, Pick<ModelMarker, 'revision' | 'since'>>()
  readonly selection: ModelSelection
  /** Resources that continue where another process stopped. */
  readonly resuming = new Set<number>()
  readonly #view: ModelView
  readonly #limits: ModelLimits

  constructor(limits: ModelLimits, selection: ModelSelection, view: ModelView) {
    this.#limits = limits
    this.selection = selection
    this.#view = view
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

  /** Rows of the objects that may be sent. */
  rows(): number {
    const admitted = [...this.standings].filter(([, { state }]) => state !== 'waiting')
    return admitted.reduce((sum, [{ lines }]) => sum + lines.length, 0)
  }

  add(object: ModelObject): void {
    this.standings.set(object, {
      ...{ state: 'waiting', since: 0, changedInFlight: undefined, outdated: undefined },
      ...{ sent: this.resuming.has(object.resource) || this.#view.isHeld(object), asideUntil: 0, isProven: false },
    })
    this.#cancel(object)
  }

  admit(object: ModelObject): void {
    const standing = this.of(object)
    if (standing.state !== 'waiting' || this.#view.isHeld(object) || !this.selection.includesName(object.name)) return
    standing.state = 'pending'
    standing.since = this.#view.now()
  }

  /** A former owner sends nothing any more. */
  releaseHeld(): void {
    for (const marker of this.markers) marker.isHeld = false
  }

  /** Nobody else has an object of the name, or what it has is left to it. */
  confirm(group: string): void {
    for (const marker of this.markers) if (groupOf(marker) === group) marker.isUnconfirmed = false
  }

  /** Another process has these series of the name. */
  leftTo(group: string, series: ReadonlySet<string>): void {
    for (const marker of this.markers) {
      if (groupOf(marker) === group) this.#liveAgain(marker, series)
    }
    this.markers = this.markers.filter((marker) => marker.series.size > 0)
    for (const one of series) this.forgiven.add(one)
  }

  /** What another process has delivered before these times, which is nothing unless this one is in standby. */
  deliveredElsewhere(resource: number, markersUntil: number, changesUntil: number, namespace?: string) {
    const isIn = (name: string) => namespace === undefined || name.startsWith(`${namespace}/`)
    const isOf = (what: { readonly resource: number; readonly name: string }) =>
      this.mode === 'standby' && what.resource === resource && isIn(what.name)
    const markers = this.markers.filter((marker) => isOf(marker) && marker.since < markersUntil)
    const objects = [...this.standings].filter(
      ([object, { state, since }]) => isOf(object) && state === 'pending' && since < changesUntil,
    )
    const ended = markers.flatMap(({ series }) => [...series])
    for (const marker of markers) this.#settle(marker)
    for (const [, standing] of objects) Object.assign(standing, { state: 'acknowledged', since: this.#view.now() })
    return { ended, objects: objects.map(([object]) => object) }
  }

  change(object: ModelObject, gone: ReadonlySet<string>, how: HowModelSeriesEnd = {}): void {
    this.#cancel(object)
    this.#end(object, gone, how)
    this.#changed(object)
  }

  strip(object: ModelObject, gone: ReadonlySet<string>, how: HowModelSeriesEnd = {}): void {
    this.#end(object, gone, how)
    if (this.of(object).state === 'inFlight') this.#changed(object)
  }

  remove(object: ModelObject, series: ReadonlySet<string>, reason: RemovalReason): void {
    if (reason !== 'handed over') this.#end(object, series, { isUnconfirmed: reason === 'unconfirmed' })
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
      standing.since = now
    }
    for (const marker of this.markers) {
      if (marker.state === 'aside' && marker.asideUntil <= now) marker.state = 'readmitted'
    }
    for (const [key, { since }] of this.#cancelled) {
      if (now - since >= this.#limits.maxAgeMs) this.#cancelled.delete(key)
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
    const standing = this.of(entry.object)
    if (standing.outdated !== undefined && !entry.wasPending)
      Object.assign(entry, { wasPending: true, since: standing.outdated })
    standing.outdated = undefined
    this.arrived(entry.object.rows.keys())
  }

  /** The destination may have these series from now on, and the ledger is to end them. */
  arrived(series: Iterable<string>): void {
    for (const one of series) this.forgiven.delete(one)
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
      standing.state = standing.outdated === undefined ? 'acknowledged' : 'pending'
      standing.since = standing.outdated ?? now
    }
  }

  release(entry: ModelEntry): void {
    this.#endEntry(entry)
    const standing = isMarker(entry) ? undefined : this.standings.get(entry.object)
    if (isMarker(entry) || standing === undefined) return
    const { changedInFlight } = standing
    standing.state = entry.wasPending || changedInFlight !== undefined ? 'pending' : 'acknowledged'
    standing.since = entry.wasPending ? entry.since : (changedInFlight ?? entry.since)
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
    const now = this.#view.now()
    standing.changedInFlight ??= now
    standing.outdated ??= now
    if (standing.state === 'acknowledged' || (standing.state === 'pending' && this.mode === 'standby'))
      Object.assign(standing, { state: 'pending', since: now })
  }

  /** Series that are live again need no marker. */
  #cancel(object: ModelObject): void {
    for (const marker of this.markers) {
      if (groupOf(marker) !== groupOf(object)) continue
      if (this.#liveAgain(marker, object.rows.keys())) this.of(object).sent = true
    }
    this.markers = this.markers.filter(({ series }) => series.size > 0)
  }

  /** Whether the marker was for any of the series. */
  #liveAgain(marker: ModelMarker, series: Iterable<string>): boolean {
    const { since, revision } = marker
    const before = marker.series.size
    for (const one of series) marker.series.delete(one)
    if (marker.series.size === before) return false
    const key = groupOf(marker)
    if (revision <= (this.#cancelled.get(key)?.revision ?? revision)) this.#cancelled.set(key, { since, revision })
    return true
  }

  /** What of `gone` no other object of the name has; those that have some of it take it over and are sent again. */
  #leave(object: ModelObject, gone: ReadonlySet<string>, isUnlisted = false): Set<string> {
    if (!this.selection.includesName(object.name)) return new Set()
    if (!this.of(object).sent && (isUnlisted || this.mode !== 'standby')) return new Set()
    const alone = new Set(gone)
    for (const mate of this.#view.matesWith(object, gone)) {
      for (const series of mate.rows.keys()) alone.delete(series)
      this.of(mate).sent = true
      this.#changed(mate)
    }
    return alone
  }

  #end(object: ModelObject, gone: ReadonlySet<string>, how: HowModelSeriesEnd = {}): void {
    const { isUnconfirmed = false, isUnlisted = false } = how
    const alone = [...this.#leave(object, gone, isUnlisted)]
    const series = new Set(alone.filter((one) => this.selection.includesSeries(one)))
    if (series.size === 0) return
    const { resource, name } = object
    const cancelled = this.#cancelled.get(groupOf(object))?.revision ?? Number.POSITIVE_INFINITY
    const at = { since: this.#view.now(), revision: Math.min(this.#view.revision(), cancelled) }
    const withheld = { isHeld: this.#view.isHeld(object), isUnconfirmed }
    this.markers.push({ resource, name, ...at, ...withheld, series, state: 'pending', asideUntil: 0, isProven: false })
    while (this.pendingMarkers() > this.#limits.maxSeries) {
      const oldest = this.markers[0] as ModelMarker
      this.dropped += oldest.series.size
      this.#giveUp(oldest)
    }
  }

  #giveUp(marker: ModelMarker): void {
    for (const series of marker.series) this.forgiven.add(series)
    this.#remove(marker)
  }

  #settle(marker: ModelMarker): void {
    this.#cancelled.delete(groupOf(marker))
    this.#remove(marker)
  }

  #remove(marker: ModelMarker): void {
    this.markers = this.markers.filter((other) => other !== marker)
    marker.series.clear()
  }
}
