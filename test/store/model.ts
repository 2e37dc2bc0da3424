/**
 * Owns the model of the store: plain Maps of objects, owed markers and requests under way, in the words of the
 * design and without bytes. Refuses to compare: `model-world.ts` holds it against the real store.
 */
import type { RemovalReason } from '../../src/store/store.ts'
import type { Line } from './universe.ts'

export type State = 'gated' | 'clean' | 'dirty' | 'underWay' | 'aside' | 'readmitted'

export interface ModelObject {
  readonly resource: number
  readonly uid: string
  readonly name: string
  lines: readonly Line[]
  /** Each series once, with its first value. */
  rows: ReadonlyMap<string, number>
  state: State
  /** Some series may have reached the receiver. */
  attempted: boolean
  version: number
  /** Something happened to it since it was claimed. */
  changedUnderWay: boolean
  acknowledgedAt: number
  asideUntil: number
  /** Known to be refused, when it is set aside or readmitted. */
  isProven: boolean
}

export interface ModelDeparture {
  readonly resource: number
  readonly name: string
  readonly since: number
  readonly series: Set<string>
  state: 'pending' | 'aside' | 'readmitted'
  heldUntil: number
  isProven: boolean
}

export interface ObjectEntry {
  readonly object: ModelObject
  readonly changed: boolean
  readonly since: number
  sentVersion: number
  offered: boolean
}

export interface DepartureEntry {
  readonly departure: ModelDeparture
  offered: boolean
}

export type ModelEntry = ObjectEntry | DepartureEntry

export interface Limits {
  readonly maxDeparted: number
  readonly departedMaxAgeMs: number
}

export const isDeparture = (entry: ModelEntry): entry is DepartureEntry => 'departure' in entry
const keyOf = (resource: number, uid: string) => `${resource} ${uid}`
const rowsOf = (lines: readonly Line[]) => new Map([...lines].reverse())

export class Model {
  readonly objects = new Map<string, ModelObject>()
  departures: ModelDeparture[] = []
  /** Names under way, per resource. */
  readonly busy = new Map<string, number>()
  readonly synced = new Set<number>()
  /** Series that may stay at the receiver, since their markers were given up or they went to another shard. */
  readonly forgiven = new Set<string>()
  dropped = 0
  expired = 0
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  find(resource: number, uid: string): ModelObject | undefined {
    return this.objects.get(keyOf(resource, uid))
  }

  lives(object: ModelObject): boolean {
    return this.find(object.resource, object.uid) === object
  }

  of(resource: number): ModelObject[] {
    return [...this.objects.values()].filter((object) => object.resource === resource)
  }

  put(resource: number, uid: string, name: string, lines: readonly Line[], now: number): string {
    const before = this.find(resource, uid)
    if (before?.name === name) return this.#change(before, lines, now)
    if (before !== undefined) this.remove(before, 'deleted', now)
    const object: ModelObject = {
      ...{ resource, uid, name, lines, rows: rowsOf(lines), state: 'gated', attempted: false, version: 0 },
      ...{ acknowledgedAt: 0, asideUntil: 0, isProven: false, changedUnderWay: false },
    }
    this.objects.set(keyOf(resource, uid), object)
    this.#cancel(object)
    this.#changed(object)
    return 'added'
  }

  remove(object: ModelObject, reason: RemovalReason, now: number): void {
    const series = new Set(object.rows.keys())
    if (reason === 'deleted') this.#depart(object, series, now)
    else this.#leave(object, series)
    this.objects.delete(keyOf(object.resource, object.uid))
    if (reason === 'handed over') for (const name of series) this.forgiven.add(name)
  }

  markSynced(resource: number): void {
    this.synced.add(resource)
    for (const object of this.of(resource)) if (object.state === 'gated') object.state = 'dirty'
  }

  tick(now: number): void {
    for (const object of this.objects.values()) {
      if (object.state === 'aside' && object.asideUntil <= now) object.state = 'readmitted'
    }
    for (const departure of this.departures) {
      if (departure.state === 'aside' && departure.heldUntil <= now) departure.state = 'readmitted'
    }
  }

  expire(now: number): void {
    for (const departure of [...this.departures]) {
      if (now - departure.since < this.#limits.departedMaxAgeMs) return
      this.expired += departure.series.size
      this.#giveUp(departure)
    }
  }

  /** The entry is accepted for a request. */
  offered(entry: ModelEntry): void {
    entry.offered = true
    if (isDeparture(entry)) return
    entry.sentVersion = entry.object.version
    for (const series of entry.object.rows.keys()) this.forgiven.delete(series)
  }

  acknowledge(entry: ModelEntry, now: number): void {
    if (!entry.offered) {
      this.release(entry)
      return
    }
    this.#end(entry)
    if (isDeparture(entry)) this.#settle(entry.departure)
    else if (this.lives(entry.object)) {
      const { object } = entry
      object.state = object.version === entry.sentVersion ? 'clean' : 'dirty'
      object.acknowledgedAt = now
    }
  }

  release(entry: ModelEntry): void {
    this.#end(entry)
    if (isDeparture(entry) || !this.lives(entry.object)) return
    const { object, changed, since } = entry
    object.state = changed || object.changedUnderWay ? 'dirty' : 'clean'
    object.acknowledgedAt = since
  }

  setAside(entry: ModelEntry, until: number, isProven: boolean): void {
    this.#end(entry)
    if (isDeparture(entry)) Object.assign(entry.departure, { state: 'aside', heldUntil: until, isProven })
    else if (this.lives(entry.object)) Object.assign(entry.object, { state: 'aside', asideUntil: until, isProven })
  }

  nameOf(entry: ModelEntry): string {
    const { resource, name } = isDeparture(entry) ? entry.departure : entry.object
    return `${resource} ${name}`
  }

  #end(entry: ModelEntry): void {
    const name = this.nameOf(entry)
    const left = (this.busy.get(name) ?? 0) - 1
    if (left > 0) this.busy.set(name, left)
    else this.busy.delete(name)
  }

  #change(object: ModelObject, lines: readonly Line[], now: number): string {
    if (String(object.lines) === String(lines)) return 'unchanged'
    const rows = rowsOf(lines)
    const gone = new Set([...object.rows.keys()].filter((series) => !rows.has(series)))
    object.lines = lines
    object.rows = rows
    // A block whose series are the same owes nothing and can be owed nothing.
    this.#cancel(object)
    this.#depart(object, gone, now)
    object.version++
    this.#changed(object)
    return 'changed'
  }

  #changed(object: ModelObject): void {
    object.changedUnderWay = true
    if (object.state === 'clean' || (object.state === 'gated' && this.synced.has(object.resource))) {
      object.state = 'dirty'
    }
  }

  /** What is there again is owed no marker. */
  #cancel(object: ModelObject): void {
    for (const departure of this.departures) {
      if (departure.resource !== object.resource || departure.name !== object.name) continue
      for (const series of object.rows.keys()) if (departure.series.delete(series)) object.attempted = true
    }
    this.departures = this.departures.filter(({ series }) => series.size > 0)
  }

  /** What of `gone` no other object of the name has; those that have some of it answer for it and are due. */
  #leave(object: ModelObject, gone: ReadonlySet<string>): Set<string> {
    if (!object.attempted) return new Set()
    const alone = new Set(gone)
    for (const mate of this.objects.values()) {
      if (mate === object || mate.resource !== object.resource || mate.name !== object.name) continue
      const shared = [...mate.rows.keys()].filter((series) => gone.has(series))
      if (shared.length === 0) continue
      for (const series of shared) alone.delete(series)
      mate.attempted = true
      this.#changed(mate)
    }
    return alone
  }

  #depart(object: ModelObject, gone: ReadonlySet<string>, now: number): void {
    const series = this.#leave(object, gone)
    if (series.size === 0) return
    const { resource, name } = object
    this.departures.push({ resource, name, since: now, series, state: 'pending', heldUntil: 0, isProven: false })
    while (this.owed() > this.#limits.maxDeparted) {
      const oldest = this.departures[0] as ModelDeparture
      this.dropped += oldest.series.size
      this.#giveUp(oldest)
    }
  }

  owed(): number {
    return this.departures.reduce((sum, { series }) => sum + series.size, 0)
  }

  #giveUp(departure: ModelDeparture): void {
    for (const series of departure.series) this.forgiven.add(series)
    this.#settle(departure)
  }

  #settle(departure: ModelDeparture): void {
    this.departures = this.departures.filter((other) => other !== departure)
    departure.series.clear()
  }
}
