/**
 * Owns what a metric family is: its name, type and labels as data, and the pure callback that says what an object
 * yields. It refuses I/O, clocks and configuration; which label keys are copied is the plan's to say.
 */

import type { KindSchema, KubernetesObject } from '../schemas/object-meta.ts'

export type { KubernetesObject } from '../schemas/object-meta.ts'

export type MetricType = 'gauge' | 'counter'
export type Stability = 'stable' | 'alpha'

/** Takes one observation: the value, then one value per label of the family, in their order. */
export type Observe<L extends readonly string[]> = (value: number, ...labelValues: { [K in keyof L]: string }) => void

/** Takes one observation whose label names are of its own; `names` and `values` run in parallel. */
export type ObserveFree = (value: number, names: readonly string[], values: readonly string[]) => void

/** Which keys of a copied map become labels: those of the allowlists, or all of them. */
export type CopySelection = 'labels' | 'annotations' | 'all'

interface Head {
  /** The full metric name. */
  readonly name: string
  /** Our own words; HELP line and OTLP description. */
  readonly help: string
  readonly type: MetricType
  readonly stability: Stability
  /** True: only printed when `--metric-opt-in-list` names it. */
  readonly optIn: boolean
  /** The KSM version that deprecated it. */
  readonly deprecatedSince?: string
}

/** Fixed label names after the identity; the callback observes with one value for each. */
export interface FixedFamily<T> extends Head {
  readonly kind: 'fixed'
  readonly labels: readonly string[]
  callback(object: T, observe: Observe<readonly string[]>): void
}

/** One label out of a closed list: a row per state, 1 for the current one. */
export interface StateSetFamily<T> extends Head {
  readonly kind: 'stateSet'
  readonly label: string
  readonly states: readonly string[]
  /** The current state; undefined yields nothing, an unlisted one all zeros. */
  current(object: T): string | undefined
}

/** One row of value 1 with labels copied from a map of the object, under sanitised names. */
export interface CopyFamily<T> extends Head {
  readonly kind: 'copy'
  /** Stands before each key, followed by an underscore. */
  readonly prefix: string
  readonly selection: CopySelection
  /** The map; undefined yields nothing. */
  from(object: T): ReadonlyMap<string, string> | undefined
}

/** Label names vary from one observation to the next; `labelSets` documents those that occur. */
export interface FreeFamily<T> extends Head {
  readonly kind: 'free'
  readonly labelSets: readonly (readonly string[])[]
  callback(object: T, observe: ObserveFree): void
}

export type Family<T> = FixedFamily<T> | StateSetFamily<T> | CopyFamily<T> | FreeFamily<T>

// A family of objects we no longer know the type of; the engine only hands it objects of its own resource.
// biome-ignore lint/suspicious/noExplicitAny: a callback's parameter is contravariant, so unknown would not accept any family
export type AnyFamily = Family<any>

/** A resource: which objects to read and what each yields. The only extension point. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  /** The API's plural name; what `--resources` takes. */
  readonly plural: string
  /** `v1`, `apps/v1`, … */
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  readonly enabledByDefault: boolean
  /** What is asked of the API server: the object, its metadata only, or a table row (metadata and printed columns). */
  readonly form: 'object' | 'metadata' | 'table'
  readonly schema: KindSchema<T>
  /** The labels that stand first on every series of an object, in order. */
  readonly identity: Readonly<Record<string, (object: T) => string>>
  readonly families: readonly Family<T>[]
}

// biome-ignore lint/suspicious/noExplicitAny: as for AnyFamily
export type AnyResource = Resource<any>

/** Checks a resource's type and fills the defaults: built-in form `object`, all names as given. */
export function resource<T extends KubernetesObject>(
  declaration: Omit<Resource<T>, 'form'> & { readonly form?: Resource<T>['form'] },
): Resource<T> {
  return { form: 'object', ...declaration }
}
