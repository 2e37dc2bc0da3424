/**
 * The types of metric families: name, type and labels are data, and a pure callback computes the samples of an object.
 * Families use no I/O, no clock and no configuration; the plan selects the label keys that are copied.
 */

import type { KindSchema, KubernetesObject } from '../schemas/object-meta.ts'

export type { KubernetesObject } from '../schemas/object-meta.ts'

/** `info` and `stateset` come from custom resources alone; text pages show them as gauges. */
export type MetricType = 'gauge' | 'counter' | 'info' | 'stateset'
export type Stability = 'stable' | 'alpha'

/** Records one observation: the value, then one value per label of the family, in the order of the labels. */
export type Observe<L extends readonly string[]> = (value: number, ...labelValues: { [K in keyof L]: string }) => void

/** Records one observation with its own label names; `names` and `values` are parallel arrays, and `names` never changes afterwards. */
export type ObserveFree = (value: number, names: readonly string[], values: readonly string[]) => void

/** Which keys of a copied map become labels: those in the labels or annotations allowlist, or all. */
export type CopySelection = 'labels' | 'annotations' | 'all'

interface Head {
  /** The full metric name. */
  readonly name: string
  /** The HELP line and the OTLP description: a noun phrase with the unit and the possible states. */
  readonly help: string
  readonly type: MetricType
  readonly stability: Stability
  /** If true, reported only when `--metric-opt-in-list` names it. */
  readonly optIn: boolean
  /** The KSM version that deprecated it. */
  readonly deprecatedSince?: string
  /** For families made from configuration: two with equal fingerprints observe the same. */
  readonly fingerprint?: string
}

/** Fixed label names after the identity; the callback passes one value for each. */
export interface FixedFamily<T> extends Head {
  readonly kind: 'fixed'
  readonly labels: readonly string[]
  callback(object: T, observe: Observe<readonly string[]>): void
}

/** One label with a closed list of values: one row per state, 1 for the current one. */
export interface StateSetFamily<T> extends Head {
  readonly kind: 'stateSet'
  readonly label: string
  readonly states: readonly string[]
  /** The current state: undefined gives no rows, a state that is not listed gives only zeros. */
  current(object: T): string | undefined
}

/** One row of value 1 with labels copied from a map of the object, under sanitised names. */
export interface CopyFamily<T> extends Head {
  readonly kind: 'copy'
  /** The prefix of each label name, without the underscore that follows it. */
  readonly prefix: string
  readonly selection: CopySelection
  /** The map; undefined gives no row. */
  from(object: T): ReadonlyMap<string, string> | undefined
}

/** Label names vary between observations; `labelSets` lists the possible ones for the documentation. */
export interface FreeFamily<T> extends Head {
  readonly kind: 'free'
  readonly labelSets: readonly (readonly string[])[]
  callback(object: T, observe: ObserveFree): void
}

export type Family<T> = FixedFamily<T> | StateSetFamily<T> | CopyFamily<T> | FreeFamily<T>

// A family whose object type is erased; the engine only passes it objects of its own resource.
// biome-ignore lint/suspicious/noExplicitAny: a callback's parameter is contravariant, so unknown would not accept any family
export type AnyFamily = Family<any>

/** Selectors in the notation of the API; empty selects everything. */
export interface Selectors {
  readonly label: string
  readonly field: string
}

/** Label names and their values: parallel arrays, sorted by name. `names` never changes afterwards. */
export interface LabelSet {
  readonly names: readonly string[]
  readonly values: readonly string[]
}

/**
 * Labels that most series of an object have, for resources whose families observe all labels of a series, sorted by name.
 * They are stored once per object; a series that lacks one of them or has another value is stored with all its labels.
 */
export interface CommonLabels<T> {
  /** Those that most objects have, stored once for all objects. */
  readonly constants: ReadonlyMap<string, string>
  /** All that are common to the series of the object, the constant ones included. */
  read(object: T): LabelSet
}

/** A resource: which objects to read, and the families computed from each. The only extension point. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  /** The plural name in the API, as in `--resources`. */
  readonly plural: string
  /** `v1`, `apps/v1`, … */
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  readonly enabledByDefault: boolean
  /** The requested form: the object, its metadata only, or a table row (metadata and printed columns). */
  readonly form: 'object' | 'metadata' | 'table'
  readonly schema: KindSchema<T>
  /** What readers drop of objects unless it is named here, as it is large and families seldom read it. */
  readonly keeps?: readonly ('managedFields' | 'lastApplied')[]
  /**
   * The members of the JSON object that families read, each with those of its own that they read (undefined: all). Readers
   * may empty objects and lists that are not among them.
   */
  readonly reads?: Readonly<Record<string, readonly string[] | undefined>>
  /** Only these objects are asked of the API server. */
  readonly selectors?: Selectors
  /** The labels that come first on every series of an object, in order. */
  readonly identity: Readonly<Record<string, (object: T) => string>>
  /** Instead of labels in `identity`: the families observe all labels of a series, sorted by name. */
  readonly common?: CommonLabels<T>
  readonly families: readonly Family<T>[]
  /** Tells resources of one kind apart that are read in different forms: built-in metrics of a kind stand beside configured ones. */
  readonly variant?: string
  /** For resources made from configuration: two with equal fingerprints are read and identified in the same way. */
  readonly fingerprint?: string
}

// biome-ignore lint/suspicious/noExplicitAny: as for AnyFamily
export type AnyResource = Resource<any>

/** Type-checks the declaration of a resource and fills in the default form `object`. */
export function resource<T extends KubernetesObject>(
  declaration: Omit<Resource<T>, 'form'> & { readonly form?: Resource<T>['form'] },
): Resource<T> {
  return { form: 'object', ...declaration }
}
