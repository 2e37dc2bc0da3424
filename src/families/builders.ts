/** The builders that declare families: one per common meaning (a value, a timestamp, a condition), and the raw forms. */

import type { Condition, KubernetesObject, OwnerReference } from '../schemas/object-meta.ts'
import type {
  CopyFamily,
  CopySelection,
  Family,
  FixedFamily,
  FreeFamily,
  MetricType,
  Observe,
  ObserveFree,
  Stability,
  StateSetFamily,
} from './family.ts'
import { parseGoFloat } from './parse-go-float.ts'

interface Declared {
  readonly name: string
  readonly help: string
  readonly stability: Stability
  readonly optIn?: boolean
  readonly deprecatedSince?: string
}

interface Raw<T, L extends readonly string[]> extends Declared {
  readonly labels?: L
  callback(object: T, observe: Observe<L>): void
}

type Free<T> = Declared & {
  readonly labelSets: readonly (readonly string[])[]
  callback(object: T, observe: ObserveFree): void
}

type StateSet<T> = Declared & {
  readonly label: string
  readonly states: readonly string[]
  current(object: T): string | undefined
}

type Copied<T> = Declared & {
  readonly prefix: string
  readonly selection: CopySelection
  from(object: T): ReadonlyMap<string, string> | undefined
}

type LabelsOf<I, T> = Readonly<Record<string, (item: I, object: T) => string>>

type Info<T> = Declared & { readonly labels: LabelsOf<T, T>; when?(object: T): boolean }

type InfoOfEach<T, I> = Declared & { readonly labels: LabelsOf<I, T>; each(object: T): Iterable<I> }

/** The builders for families of one kind. They do not use `this`, so they can be destructured. */
export function familiesOf<T extends KubernetesObject>() {
  return {
    /** The raw form: a gauge with any number of observations per object. */
    observableGauge: <const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> =>
      fixed(declared, 'gauge'),
    /** A cumulative, monotonic counter; its start time is the object's creation. */
    observableCounter: <const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> =>
      fixed(declared, 'counter'),
    freeGauge: freeGauge<T>,
    value: value<T>,
    timestamp: timestamp<T>,
    created: created<T>,
    deletionTimestamp: deletionTimestamp<T>,
    generation: generation<T>,
    stateSet: stateSet<T>,
    info: info<T>,
    /** Value 1, with data as labels: one row per item of a list in the object. */
    infoOfEach: <I>(declared: InfoOfEach<T, I>): Family<T> => infoOfEach(declared),
    conditions: conditions<T>,
    owner: owner<T>,
    copied: copied<T>,
    labels: labels<T>,
    annotations: annotations<T>,
    resourceVersion: resourceVersion<T>,
  }
}

/**
 * Observes `true`, `false` and `unknown`, each 1 or 0. The status is compared exactly with `True`, `False` and `Unknown`;
 * any other status gives three zeros.
 */
export function eachConditionStatus(status: string, observe: (value: number, name: string) => void): void {
  observe(status === 'True' ? 1 : 0, 'true')
  observe(status === 'False' ? 1 : 0, 'false')
  observe(status === 'Unknown' ? 1 : 0, 'unknown')
}

const head = (declared: Declared, type: MetricType) => ({
  name: declared.name,
  help: declared.help,
  stability: declared.stability,
  type,
  optIn: declared.optIn ?? false,
  ...(declared.deprecatedSince === undefined ? {} : { deprecatedSince: declared.deprecatedSince }),
})

function fixed<T, const L extends readonly string[]>(declared: Raw<T, L>, type: MetricType): FixedFamily<T> {
  const callback = declared.callback as unknown as FixedFamily<T>['callback']
  return { ...head(declared, type), kind: 'fixed', labels: declared.labels ?? [], callback }
}

/** A gauge whose label names vary by observation. */
function freeGauge<T>(declared: Free<T>): FreeFamily<T> {
  const { labelSets, callback } = declared
  return { ...head(declared, 'gauge'), kind: 'free', labelSets, callback }
}

/** One sample without labels of its own, or none where `of` returns undefined. */
function value<T>(declared: Declared & { of(object: T): number | undefined }): Family<T> {
  const { of } = declared
  const callback = (object: T, observe: Observe<[]>) => {
    const observed = of(object)
    if (observed !== undefined) observe(observed)
  }
  return fixed<T, []>({ ...declared, callback }, 'gauge')
}

/** A time in Unix seconds, or no sample where `at` returns undefined. */
function timestamp<T>(declared: Declared & { at(object: T): number | undefined }): Family<T> {
  return value<T>({ ...declared, of: declared.at })
}

/** The creation time of the object; no sample when unset. */
function created<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): Family<T> {
  const help = `Unix time when the ${subject} was created.`
  return timestamp<T>({ name, help, stability, at: (object) => object.metadata.creationTimestamp })
}

/** The deletion time of the object: present while finalizers block the deletion. */
function deletionTimestamp<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): Family<T> {
  const help = `Unix time when the deletion of the ${subject} was requested; absent otherwise.`
  return timestamp<T>({ name, help, stability, at: (object) => object.metadata.deletionTimestamp })
}

/** The generation of the object's spec. */
function generation<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): Family<T> {
  const help = `Generation of the ${subject}, incremented with every change of its spec.`
  return value<T>({ name, help, stability, of: (object) => object.metadata.generation })
}

/** A closed list of states, one row each: 1 for the current state, 0 for the others. */
function stateSet<T>(declared: StateSet<T>): StateSetFamily<T> {
  const { label, states, current } = declared
  return { ...head(declared, 'gauge'), kind: 'stateSet', label, states, current }
}

/** Value 1, with data as labels: one row per object for which `when` returns true. */
function info<T>(declared: Info<T>): Family<T> {
  const { when } = declared
  const observeItem = itemObserver(declared.labels)
  const callback = (object: T, observe: Observe<readonly string[]>) => {
    if (when === undefined || when(object)) observeItem(object, object, observe)
  }
  return fixed<T, readonly string[]>({ ...declared, labels: Object.keys(declared.labels), callback }, 'gauge')
}

function infoOfEach<T, I>(declared: InfoOfEach<T, I>): Family<T> {
  const { each } = declared
  const observeItem = itemObserver(declared.labels)
  const callback = (object: T, observe: Observe<readonly string[]>) => {
    for (const item of each(object)) observeItem(item, object, observe)
  }
  return fixed<T, readonly string[]>({ ...declared, labels: Object.keys(declared.labels), callback }, 'gauge')
}

/** Observes 1 with the labels of an item. The array of values is reused per family, because observers copy it at once. */
function itemObserver<T, I>(labelsOf: LabelsOf<I, T>) {
  const readers = Object.values(labelsOf)
  const values: string[] = readers.map(() => '')
  return (item: I, object: T, observe: Observe<readonly string[]>) => {
    for (let i = 0; i < readers.length; i++) values[i] = (readers[i] as (item: I, object: T) => string)(item, object)
    observe(1, ...values)
  }
}

/** Three rows (true, false, unknown) for each condition: labels `condition` and `status`. */
function conditions<T>(declared: Declared & { of(object: T): readonly Condition[] }): Family<T> {
  const { of } = declared
  const callback = (object: T, observe: Observe<['condition', 'status']>) => {
    for (const { type, status } of of(object)) {
      eachConditionStatus(status, (observed, name) => observe(observed, type, name))
    }
  }
  return fixed<T, ['condition', 'status']>({ ...declared, labels: ['condition', 'status'], callback }, 'gauge')
}

const noOwner: OwnerReference = { kind: '', name: '', controller: undefined }
const noOwners: readonly OwnerReference[] = [noOwner]

/** The owners of an object, or one with empty kind and name if it has none. */
export function ownersOf({ metadata }: KubernetesObject): readonly OwnerReference[] {
  return metadata.ownerReferences.length > 0 ? metadata.ownerReferences : noOwners
}

const ownerLabels = {
  owner_kind: ({ kind }: OwnerReference) => kind,
  owner_name: ({ name }: OwnerReference) => name,
}

const ownerLabelsWithController = {
  ...ownerLabels,
  owner_is_controller: (reference: OwnerReference) =>
    reference === noOwner ? '' : String(reference.controller ?? false),
}

/** One row per owner, or one with empty labels if there is none; `owner_is_controller` unless `controllerLabel` is false. */
function owner<T extends KubernetesObject>(declared: Declared & { readonly controllerLabel?: boolean }): Family<T> {
  const { controllerLabel = true } = declared
  const labelsOfOwner: LabelsOf<OwnerReference, T> = controllerLabel ? ownerLabelsWithController : ownerLabels
  return infoOfEach<T, OwnerReference>({ ...declared, each: ownersOf, labels: labelsOfOwner })
}

/** One row of value 1. Its labels are copied from a map of the object; the plan selects the keys. */
function copied<T>(declared: Copied<T>): CopyFamily<T> {
  const { prefix, selection, from } = declared
  return { ...head(declared, 'gauge'), kind: 'copy', prefix, selection, from }
}

/** The object's labels as `label_*`, filtered by `--metric-labels-allowlist`. */
function labels<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): CopyFamily<T> {
  const help = `Labels of the ${subject} selected by --metric-labels-allowlist; always 1.`
  const from = (object: T) => object.metadata.labels
  return copied<T>({ name, help, stability, prefix: 'label', selection: 'labels', from })
}

/** The object's annotations as `annotation_*`, filtered by `--metric-annotations-allowlist`. */
function annotations<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): CopyFamily<T> {
  const help = `Annotations of the ${subject} selected by --metric-annotations-allowlist; always 1.`
  const from = (object: T) => object.metadata.annotations
  return copied<T>({ name, help, stability, prefix: 'annotation', selection: 'annotations', from })
}

/** The object's resource version as Go parses a float; no sample if it cannot be parsed. */
function resourceVersion<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): Family<T> {
  const help = `Resource version of the ${subject}, as a number.`
  return value<T>({ name, help, stability, of: (object) => parseGoFloat(object.metadata.resourceVersion) })
}
