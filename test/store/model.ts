/**
 * The model of the store: plain Maps of objects, with the terms of the design and without bytes. `model-world.ts` compares it
 * with the real store.
 */
import type { SeriesLimits } from '../../src/store/limit-scope.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import type { ModelLimits, ModelObject, ModelSelection } from './model-ledger.ts'
import { everySeries, groupOf, ModelLedger } from './model-ledger.ts'
import { admittedLines, movedObjects } from './model-limits.ts'
import type { Line } from './universe.ts'

const rowsOf = (lines: readonly Line[]) => new Map([...lines].reverse())
const keyOf = (resource: number, uid: string) => `${resource} ${uid}`

export interface ModelOptions {
  /** Of each destination. */
  readonly limits: readonly ModelLimits[]
  readonly series: SeriesLimits | undefined
  readonly selections: readonly (ModelSelection | undefined)[]
  readonly now: () => number
  readonly revision: () => number
  readonly isHeld: (uid: string) => boolean
}

export class Model {
  readonly objects = new Map<string, ModelObject>()
  readonly synced = new Set<number>()
  readonly ledgers: readonly ModelLedger[]

  readonly #limits: SeriesLimits | undefined

  constructor({ limits, series, selections, now, revision, isHeld }: ModelOptions) {
    this.#limits = series
    const view = {
      ...{ now, revision, isHeld: ({ uid }: ModelObject) => isHeld(uid) },
      matesWith: (object: ModelObject, series: ReadonlySet<string>) => this.#matesWith(object, series),
    }
    this.ledgers = limits.map((limit, i) => new ModelLedger(limit, selections[i] ?? everySeries, view))
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

  /** Other objects of the name that have some of the series. */
  #matesWith(object: ModelObject, series: ReadonlySet<string>): ModelObject[] {
    return this.of(object.resource).filter(
      (mate) => mate !== object && mate.name === object.name && [...mate.rows.keys()].some((one) => series.has(one)),
    )
  }

  put(resource: number, uid: string, name: string, lines: readonly Line[]): string {
    const before = this.find(resource, uid)
    if (before?.name === name) return this.#change(before, lines)
    if (before !== undefined) this.remove(before, 'deleted')
    const object: ModelObject = { resource, uid, name, all: lines, lines: [], rows: new Map() }
    this.objects.set(keyOf(resource, uid), object)
    object.lines = this.#admittedOf(object)
    object.rows = rowsOf(object.lines)
    for (const ledger of this.ledgers) ledger.add(object)
    if (this.synced.has(resource)) this.#admit(object)
    this.#moveOthers()
    return 'added'
  }

  /** Its series except `staying` end. */
  remove(object: ModelObject, reason: RemovalReason, staying: ReadonlySet<string> = new Set()): void {
    const series = new Set(object.rows.keys()).difference(staying)
    for (const ledger of this.ledgers) ledger.remove(object, series, reason)
    this.objects.delete(keyOf(object.resource, object.uid))
    this.#moveOthers()
  }

  /** Another process has the object. `mates` are those of its name with other UIDs, in the order in which they leave. */
  leaveTo(resource: number, uid: string, name: string, lines: readonly Line[], mates: readonly ModelObject[]): void {
    const own = this.find(resource, uid)
    if (own !== undefined) this.remove(own, 'handed over')
    const series = new Set(lines.map(([one]) => one))
    for (const ledger of this.ledgers) ledger.leftTo(groupOf({ resource, name }), series)
    for (const mate of mates) this.remove(mate, 'deleted', series)
  }

  /** Rows are removed without a new observation. */
  strip(object: ModelObject, keeps: (line: Line) => boolean): void {
    const all = object.all.filter(keeps)
    if (all.length === object.all.length) return
    object.all = all
    this.#exchange(object, this.#admittedOf(object))
    this.#moveOthers()
  }

  markSynced(resource: number): void {
    if (this.synced.has(resource)) return
    this.synced.add(resource)
    for (const ledger of this.ledgers) ledger.resuming.delete(resource)
    for (const object of this.of(resource)) this.#admit(object)
  }

  /** The resource is not read any more. */
  deselect(resource: number): void {
    this.synced.delete(resource)
    for (const ledger of this.ledgers) ledger.resuming.delete(resource)
  }

  /** Former owners send nothing any more. */
  release(): void {
    for (const ledger of this.ledgers) ledger.releaseHeld()
    for (const object of this.objects.values()) if (this.synced.has(object.resource)) this.#admit(object)
  }

  #admit(object: ModelObject): void {
    for (const ledger of this.ledgers) ledger.admit(object)
  }

  #change(object: ModelObject, lines: readonly Line[]): string {
    if (String(object.all) === String(lines)) return 'unchanged'
    object.all = lines
    const gone = this.#replace(object, this.#admittedOf(object))
    for (const ledger of this.ledgers) ledger.change(object, gone)
    this.#moveOthers()
    return 'changed'
  }

  /** The lines of the object that limits admit. */
  #admittedOf(object: ModelObject): readonly Line[] {
    if (this.#limits === undefined) return object.all
    return admittedLines(this.objects.values(), this.#limits).get(object) as readonly Line[]
  }

  /** Limits admit other lines of other objects than before. */
  #moveOthers(): void {
    if (this.#limits === undefined) return
    for (const [object, lines] of movedObjects(this.objects.values(), this.#limits)) {
      this.#exchange(object, lines, !this.synced.has(object.resource))
    }
  }

  /** The object has other lines without a new observation. */
  #exchange(object: ModelObject, lines: readonly Line[], isUnlisted = false): void {
    const before = object.rows
    const gone = this.#replace(object, lines)
    const isReturned = [...object.rows.keys()].some((series) => !before.has(series))
    for (const ledger of this.ledgers) {
      if (isReturned) ledger.change(object, gone, { isUnlisted })
      else ledger.strip(object, gone, { isUnlisted })
    }
  }

  /** Returns the series that it has no more. */
  #replace(object: ModelObject, lines: readonly Line[]): Set<string> {
    const rows = rowsOf(lines)
    const gone = new Set([...object.rows.keys()].filter((series) => !rows.has(series)))
    object.lines = lines
    object.rows = rows
    return gone
  }
}
