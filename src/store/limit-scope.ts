/** One limit: what it applies to, how much of it is used, and whether that has been reported. */

import type { AdmittedObjects } from './admitted-objects.ts'

/** Maximum numbers of series; 0 is no limit. `*` in a map stands for all names that are not in it. */
export interface SeriesLimits {
  readonly series: number
  /** By plural name. */
  readonly perResource: ReadonlyMap<string, number>
  /** By metric name. */
  readonly perFamily: ReadonlyMap<string, number>
}

export type LimitKind = 'all' | 'resource' | 'family'

export interface LimitStatus {
  readonly kind: LimitKind
  /** Plural name of the resource, or metric name of the family; empty for the limit of all. */
  readonly name: string
  readonly max: number
  /** Series that the limit applies to, withheld ones included. */
  readonly wanted: number
  /** Series that this limit withholds; a series is withheld by one limit at most. */
  readonly withheld: number
}

/** Called when a limit withholds series for the first time, and when there is room again. */
export type LimitListener = (status: LimitStatus, isReached: boolean) => void

/** Below this part of the limit there is room again: around the limit itself the state would change often. */
const roomShare = 0.9

export const limitOf = (limits: ReadonlyMap<string, number>, name: string): number =>
  limits.get(name) ?? limits.get('*') ?? 0

/** Whether there is any limit. */
export function hasLimits({ series, perResource, perFamily }: SeriesLimits): boolean {
  return [series, ...perResource.values(), ...perFamily.values()].some((max) => max > 0)
}

/** What the limit applies to, in words. */
export const describeLimit = ({ kind, name }: Pick<LimitStatus, 'kind' | 'name'>): string =>
  kind === 'all' ? 'all resources' : `${kind} ${name}`

export class LimitScope {
  readonly kind: LimitKind
  readonly name: string
  readonly max: number
  /** The objects in order. Undefined for a family that did not reach its limit. */
  order: AdmittedObjects | undefined
  /** Series of a family, withheld ones included. */
  familySeries = 0
  isReached = false

  constructor(kind: LimitKind, name: string, max: number, order: AdmittedObjects | undefined) {
    this.kind = kind
    this.name = name
    this.max = max
    this.order = order
  }

  admits(slot: number): boolean {
    return this.order?.admits(slot) !== false
  }

  get status(): LimitStatus {
    const { kind, name, max, order } = this
    const wanted = kind === 'family' ? this.familySeries : (order?.wanted ?? 0)
    return { kind, name, max, wanted, withheld: order?.withheld ?? 0 }
  }

  /** Reports a change of state, and forgets the order of a family that has room. */
  report(onLimit: LimitListener): void {
    const { status } = this
    if (!this.isReached && status.withheld > 0) {
      this.isReached = true
      onLimit(status, true)
    }
    if (this.isReached && status.wanted <= roomShare * this.max) {
      this.isReached = false
      if (this.kind === 'family') this.order = undefined
      onLimit(status, false)
    }
  }
}
