/**
 * Evaluates families the plain way, object by object into lines of text. A second opinion beside the engine, which
 * works on bytes; slow and short on purpose.
 */
import type { KubernetesObject } from '../../src/api/object-meta.ts'
import type { AnyFamily, CopyFamily } from '../../src/families/family.ts'
import type { ResourcePlan } from '../../src/selection/plan.ts'
import { compareKeys, toLabelNames } from '../../src/series/label-names.ts'
import { formatGoFloat } from '../../src/wire/go-float.ts'

type Pair = readonly [name: string, value: string]
type Sample = readonly [value: number, labels: readonly Pair[]]

/** The `# TYPE` lines of a planned resource. */
export function typeLines({ families }: ResourcePlan): string[] {
  return families.map(({ name, type }) => `# TYPE ${name} ${type}`)
}

/** One line of Prometheus text per observation of an object. */
export function sampleLines(plan: ResourcePlan, object: KubernetesObject): string[] {
  const identity = Object.entries(plan.resource.identity).map(([name, read]): Pair => [name, read(object)])
  return plan.families.flatMap((family) =>
    samplesOf(family, plan, object).map(([value, labels]) => line(family.name, [...identity, ...labels], value)),
  )
}

function samplesOf(family: AnyFamily, plan: ResourcePlan, object: KubernetesObject): Sample[] {
  const samples: Sample[] = []
  if (family.kind === 'fixed') {
    family.callback(object, (value, ...values) => samples.push([value, pairs(family.labels, values)]))
  } else if (family.kind === 'free') {
    family.callback(object, (value, names, values) => samples.push([value, pairs(names, values)]))
  } else if (family.kind === 'stateSet') {
    const current = family.current(object)
    if (current === undefined) return []
    for (const state of family.states) samples.push([state === current ? 1 : 0, [[family.label, state]]])
  } else {
    samples.push(...copies(family, plan, object))
  }
  return samples
}

function copies(family: CopyFamily<KubernetesObject>, plan: ResourcePlan, object: KubernetesObject): Sample[] {
  const filters = { labels: plan.labelKeys, annotations: plan.annotationKeys, all: () => true }
  const takes = filters[family.selection]
  const from = family.from(object)
  if (takes === undefined || from === undefined) return []
  const keys = [...from.keys()].filter(takes).sort(compareKeys)
  const values = keys.map((key) => from.get(key) ?? '')
  return [[1, pairs(toLabelNames(family.prefix, keys), values)]]
}

function pairs(names: readonly string[], values: readonly string[]): Pair[] {
  if (names.length !== values.length) throw new Error(`${names.length} label names, ${values.length} values`)
  return names.map((name, i): Pair => [name, values[i] as string])
}

function line(name: string, labels: readonly Pair[], value: number): string {
  const text = labels.map(([label, of]) => `${label}="${of.replace(/[\\"\n]/g, escapeCharacter)}"`).join(',')
  return `${name}{${text}} ${formatGoFloat(value)}`
}

const escapeCharacter = (character: string) => (character === '\n' ? '\\n' : `\\${character}`)
