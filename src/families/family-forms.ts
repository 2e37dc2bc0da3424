/** The forms of families. Each turns a declaration into a family, with the callback that the form implies. */

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

/** What every declaration has. */
export interface Declared {
  readonly name: string
  readonly help: string
  readonly stability: Stability
  readonly optIn?: boolean
  readonly deprecatedSince?: string
}

export interface Raw<T, L extends readonly string[]> extends Declared {
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

export type LabelsOf<I, T> = Readonly<Record<string, (item: I, object: T) => string>>

type Info<T> = Declared & { readonly labels: LabelsOf<T, T>; when?(object: T): boolean }

export type InfoOfEach<T, I> = Declared & { readonly labels: LabelsOf<I, T>; each(object: T): Iterable<I> }

const head = (declared: Declared, type: MetricType) => ({
  name: declared.name,
  help: declared.help,
  stability: declared.stability,
  type,
  optIn: declared.optIn ?? false,
  ...(declared.deprecatedSince === undefined ? {} : { deprecatedSince: declared.deprecatedSince }),
})

export function fixed<T, const L extends readonly string[]>(declared: Raw<T, L>, type: MetricType): FixedFamily<T> {
  const callback = declared.callback as unknown as FixedFamily<T>['callback']
  return { ...head(declared, type), kind: 'fixed', labels: declared.labels ?? [], callback }
}

/** A gauge whose label names vary by observation. */
export function freeGauge<T>(declared: Free<T>): FreeFamily<T> {
  const { labelSets, callback } = declared
  return { ...head(declared, 'gauge'), kind: 'free', labelSets, callback }
}

/** One sample without labels of its own, or none where `of` returns undefined. */
export function value<T>(declared: Declared & { of(object: T): number | undefined }): Family<T> {
  const { of } = declared
  const callback = (object: T, observe: Observe<[]>) => {
    const observed = of(object)
    if (observed !== undefined) observe(observed)
  }
  return fixed<T, []>({ ...declared, callback }, 'gauge')
}

/** A time in Unix seconds, or no sample where `at` returns undefined. */
export function timestamp<T>(declared: Declared & { at(object: T): number | undefined }): Family<T> {
  return value<T>({ ...declared, of: declared.at })
}

/** A closed list of states, one row each: 1 for the current state, 0 for the others. */
export function stateSet<T>(declared: StateSet<T>): StateSetFamily<T> {
  const { label, states, current } = declared
  return { ...head(declared, 'gauge'), kind: 'stateSet', label, states, current }
}

/** Value 1, with data as labels: one row per object for which `when` returns true. */
export function info<T>(declared: Info<T>): Family<T> {
  const { when } = declared
  const observeItem = itemObserver(declared.labels)
  const callback = (object: T, observe: Observe<readonly string[]>) => {
    if (when === undefined || when(object)) observeItem(object, object, observe)
  }
  return fixed<T, readonly string[]>({ ...declared, labels: Object.keys(declared.labels), callback }, 'gauge')
}

export function infoOfEach<T, I>(declared: InfoOfEach<T, I>): Family<T> {
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

/** One row of value 1. Its labels are copied from a map of the object; the plan selects the keys. */
export function copied<T>(declared: Copied<T>): CopyFamily<T> {
  const { prefix, selection, from } = declared
  return { ...head(declared, 'gauge'), kind: 'copy', prefix, selection, from }
}
