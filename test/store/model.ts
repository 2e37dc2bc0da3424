/**
 * The model of the store: plain Maps of objects, with the terms of the design and without bytes. `model-world.ts` compares it
 * with the real store.
 */
import type { SeriesLimits } from '../../src/store/limit-scope.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import type { ModelLimits, ModelObject } from './model-ledger.ts'
import { ModelLedger } from './model-ledger.ts'
import { admittedLines, movedObjects } from './model-limits.ts'
import type { Line } from './universe.ts'

const rowsOf = (lines: readonly Line[]) => new Map([...lines].reverse())
const keyOf = (resource: number, uid: string) => `${resource} ${uid}`

export class Model {
  readonly objects = new Map<string, ModelObject>()
  readonly synced = new Set<number>()
  readonly ledgers: readonly ModelLedger[]

  readonly #limits: SeriesLimits | undefined

  /** `limits` are those of each ledger on its stale markers. */
  constructor(limits: readonly ModelLimits[], seriesLimits?: SeriesLimits) {
    this.#limits = seriesLimits
    this.ledgers = limits.map((limit) => new ModelLedger(limit, (object, series) => this.#matesWith(object, series)))
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

  put(resource: number, uid: string, name: string, lines: readonly Line[], now: number): string {
    const before = this.find(resource, uid)
    if (before?.name === name) return this.#change(before, lines, now)
    if (before !== undefined) this.remove(before, 'deleted', now)
    const object: ModelObject = { resource, uid, name, all: lines, lines: [], rows: new Map() }
    this.objects.set(keyOf(resource, uid), object)
    object.lines = this.#admittedOf(object)
    object.rows = rowsOf(object.lines)
    for (const ledger of this.ledgers) ledger.add(object, this.synced.has(resource))
    this.#moveOthers(now)
    return 'added'
  }

  remove(object: ModelObject, reason: RemovalReason, now: number): void {
    const series = new Set(object.rows.keys())
    for (const ledger of this.ledgers) ledger.remove(object, series, reason, now)
    this.objects.delete(keyOf(object.resource, object.uid))
    this.#moveOthers(now)
  }

  /** Rows are removed without a new observation. */
  strip(object: ModelObject, keeps: (line: Line) => boolean, now: number): void {
    const all = object.all.filter(keeps)
    if (all.length === object.all.length) return
    object.all = all
    this.#exchange(object, this.#admittedOf(object), now)
    this.#moveOthers(now)
  }

  markSynced(resource: number): void {
    this.synced.add(resource)
    for (const ledger of this.ledgers) for (const object of this.of(resource)) ledger.admit(object)
  }

  #change(object: ModelObject, lines: readonly Line[], now: number): string {
    if (String(object.all) === String(lines)) return 'unchanged'
    object.all = lines
    const gone = this.#replace(object, this.#admittedOf(object))
    for (const ledger of this.ledgers) ledger.change(object, gone, now)
    this.#moveOthers(now)
    return 'changed'
  }

  /** The lines of the object that limits admit. */
  #admittedOf(object: ModelObject): readonly Line[] {
    if (this.#limits === undefined) return object.all
    return admittedLines(this.objects.values(), this.#limits).get(object) as readonly Line[]
  }

  /** Limits admit other lines of other objects than before. */
  #moveOthers(now: number): void {
    if (this.#limits === undefined) return
    for (const [object, lines] of movedObjects(this.objects.values(), this.#limits)) this.#exchange(object, lines, now)
  }

  /** The object has other lines without a new observation. */
  #exchange(object: ModelObject, lines: readonly Line[], now: number): void {
    const before = object.rows
    const gone = this.#replace(object, lines)
    const isReturned = [...object.rows.keys()].some((series) => !before.has(series))
    for (const ledger of this.ledgers) {
      if (isReturned) ledger.change(object, gone, now)
      else ledger.strip(object, gone, now)
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
