/** Owns the words in which families are declared: intent builders that say what is meant, and the raw forms. */

import type { Condition, KubernetesObject, OwnerReference } from '../api/object-meta.ts'
import type {
  CopyFamily,
  CopySelection,
  Family,
  FixedFamily,
  FreeFamily,
  Observe,
  ObserveFree,
  Stability,
  StateSetFamily,
} from './family.ts'

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

type LabelsOf<I, T> = Readonly<Record<string, (item: I, object: T) => string>>

const head = (declared: Declared, type: 'gauge' | 'counter') => ({
  name: declared.name,
  help: declared.help,
  stability: declared.stability,
  type,
  optIn: declared.optIn ?? false,
  ...(declared.deprecatedSince === undefined ? {} : { deprecatedSince: declared.deprecatedSince }),
})

function fixed<T, const L extends readonly string[]>(declared: Raw<T, L>, type: 'gauge' | 'counter'): FixedFamily<T> {
  const callback = declared.callback as unknown as FixedFamily<T>['callback']
  return { ...head(declared, type), kind: 'fixed', labels: declared.labels ?? [], callback }
}

const statuses = ['true', 'false', 'unknown'] as const
const statusWords = ['True', 'False', 'Unknown'] as const

/**
 * Calls back with `true`, `false`, `unknown`, each 1 or 0: the status compared exactly with the API's words, so any
 * other status gives three zeros.
 */
export function eachConditionStatus(status: string, observe: (value: number, name: string) => void): void {
  for (let i = 0; i < statuses.length; i++) observe(status === statusWords[i] ? 1 : 0, statuses[i] as string)
}

/** The builders for families of one kind. */
export function familiesOf<T extends KubernetesObject>() {
  return {
    /** The raw form: a gauge with any number of observations per object. */
    observableGauge<const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> {
      return fixed(declared, 'gauge')
    },

    /** A cumulative, monotonic counter; its start time is the object's creation. */
    observableCounter<const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> {
      return fixed(declared, 'counter')
    },

    /** A gauge whose label names vary by observation. */
    freeGauge(
      declared: Declared & {
        readonly labelSets: readonly (readonly string[])[]
        callback(object: T, observe: ObserveFree): void
      },
    ): FreeFamily<T> {
      const { labelSets, callback } = declared
      return { ...head(declared, 'gauge'), kind: 'free', labelSets, callback }
    },

    /** One sample without labels of its own; `of` yields undefined where there is none. */
    value(declared: Declared & { of(object: T): number | undefined }): Family<T> {
      const { of } = declared
      return fixed<T, []>(
        {
          ...declared,
          callback(object, observe) {
            const value = of(object)
            if (value !== undefined) observe(value)
          },
        },
        'gauge',
      )
    },

    /** A time in Unix seconds; `at` yields undefined where there is none. */
    timestamp(declared: Declared & { at(object: T): number | undefined }): Family<T> {
      return this.value({ ...declared, of: declared.at })
    },

    /** The usual creation time: left out when unset. */
    created(name: string, subject: string, stability: Stability = 'stable'): Family<T> {
      const help = `Unix time at which the ${subject} was created.`
      return this.timestamp({ name, help, stability, at: (object) => object.metadata.creationTimestamp })
    },

    /** The usual deletion time: there while the object waits for its finalizers. */
    deletionTimestamp(name: string, subject: string, stability: Stability = 'alpha'): Family<T> {
      const help = `Unix time at which the deletion of the ${subject} was asked for.`
      return this.timestamp({ name, help, stability, at: (object) => object.metadata.deletionTimestamp })
    },

    /** A closed list of states: one row each, 1 for the current one. */
    stateSet(
      declared: Declared & {
        readonly label: string
        readonly states: readonly string[]
        current(object: T): string | undefined
      },
    ): StateSetFamily<T> {
      const { label, states, current } = declared
      return { ...head(declared, 'gauge'), kind: 'stateSet', label, states, current }
    },

    /** Value 1 and facts as labels: one row per object, or where `when` says so. */
    info(declared: Declared & { readonly labels: LabelsOf<T, T>; when?(object: T): boolean }): Family<T> {
      const { when } = declared
      return this.infoOfEach({ ...declared, each: (object: T) => (when === undefined || when(object) ? [object] : []) })
    },

    /** Value 1 and facts as labels: one row per item of a list in the object. */
    infoOfEach<I>(
      declared: Declared & { readonly labels: LabelsOf<I, T>; each(object: T): Iterable<I> },
    ): Family<T> {
      const { each } = declared
      const readers = Object.values(declared.labels)
      const labels = Object.keys(declared.labels)
      const callback = (object: T, observe: Observe<readonly string[]>) => {
        for (const item of each(object)) observe(1, ...readers.map((read) => read(item, object)))
      }
      return fixed<T, readonly string[]>({ ...declared, labels, callback }, 'gauge')
    },

    /** Three rows (true, false, unknown) for each condition: labels `condition` and `status`. */
    conditions(declared: Declared & { of(object: T): readonly Condition[] }): Family<T> {
      const { of } = declared
      return fixed<T, ['condition', 'status']>(
        {
          ...declared,
          labels: ['condition', 'status'],
          callback(object, observe) {
            for (const { type, status } of of(object)) {
              eachConditionStatus(status, (value, name) => observe(value, type, name))
            }
          },
        },
        'gauge',
      )
    },

    /** One row per owner, or one with empty labels when there is none. */
    owner(declared: Declared): Family<T> {
      const nobody: OwnerReference = { kind: '', name: '', controller: undefined }
      return this.infoOfEach<OwnerReference>({
        ...declared,
        each: ({ metadata }) => (metadata.ownerReferences.length > 0 ? metadata.ownerReferences : [nobody]),
        labels: {
          owner_kind: (owner) => owner.kind,
          owner_name: (owner) => owner.name,
          owner_is_controller: (owner) => (owner === nobody ? '' : String(owner.controller ?? false)),
        },
      })
    },

    /** One row of value 1 whose labels are copied from a map of the object, as the plan selects. */
    copied(
      declared: Declared & {
        readonly prefix: string
        readonly selection: CopySelection
        from(object: T): ReadonlyMap<string, string> | undefined
      },
    ): CopyFamily<T> {
      const { prefix, selection, from } = declared
      return { ...head(declared, 'gauge'), kind: 'copy', prefix, selection, from }
    },

    /** The object's labels as `label_*`, as `--metric-labels-allowlist` selects. */
    labels(name: string, subject: string, stability: Stability = 'stable'): CopyFamily<T> {
      const help = `Labels of the ${subject} that --metric-labels-allowlist selects.`
      return this.copied({ name, help, stability, prefix: 'label', selection: 'labels', from: labelsOf })
    },

    /** The object's annotations as `annotation_*`, as `--metric-annotations-allowlist` selects. */
    annotations(name: string, subject: string, stability: Stability = 'alpha'): CopyFamily<T> {
      const help = `Annotations of the ${subject} that --metric-annotations-allowlist selects.`
      return this.copied({ name, help, stability, prefix: 'annotation', selection: 'annotations', from: annotationsOf })
    },

    /** The object's resource version as Go parses a float; left out where it does not parse. */
    resourceVersion(name: string, subject: string, stability: Stability = 'alpha'): Family<T> {
      const help = `Resource version of the ${subject}, as a number.`
      return this.value({ name, help, stability, of: (object) => parseGoFloat(object.metadata.resourceVersion) })
    },
  }
}

const labelsOf = (object: KubernetesObject) => object.metadata.labels
const annotationsOf = (object: KubernetesObject) => object.metadata.annotations

const digits = '\\d(?:_?\\d)*'
const goFloat = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`)
const goInfinity = /^[+-]?inf(?:inity)?$/i

/** Reads a decimal number as Go's strconv.ParseFloat does (underscores, inf and nan among them); undefined where it fails. */
export function parseGoFloat(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN
  if (goInfinity.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (!goFloat.test(text)) return undefined
  const value = Number(text.replaceAll('_', ''))
  return Number.isFinite(value) ? value : undefined
}
