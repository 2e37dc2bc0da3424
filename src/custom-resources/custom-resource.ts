/** Custom resources as the resource values that built-in kinds are: one per served kind, its rules as families. */

import type { AnyFamily, AnyResource, FreeFamily, KubernetesObject, ObserveFree } from '../families/family.ts'
import type { KindSchema } from '../schemas/object-meta.ts'
import { ObjectMeta } from '../schemas/object-meta.ts'
import { message, schema, withRaw } from '../schemas/schema.ts'
import { compileCommonLabels, compileObjectLabels } from './common-labels.ts'
import type { ResourceDeclaration, RuleDeclaration } from './configuration.ts'
import type { ObjectLabels } from './object-labels.ts'
import type { PathParts } from './path.ts'
import type { CompiledRule, RuleRecord } from './rule.ts'
import { compileRule } from './rule.ts'
import type { ServedKind } from './served-kind.ts'
import { apiVersionOf } from './served-kind.ts'

interface CustomObject extends KubernetesObject {
  /** The whole object as JSON.parse yields it; it is let go with the object. */
  readonly raw: { kind?: string; apiVersion?: string }
}

/** All that the program itself reads of a custom resource; rules read `raw`. */
const customObject = withRaw(schema({ metadata: message(1, ObjectMeta) })) as KindSchema<CustomObject>

/** A rule of an entry, and where its record is kept. */
export interface RecordedRule {
  readonly declared: RuleDeclaration
  readonly record: RuleRecord
}

/** An entry of the configuration that is for a kind. */
export interface ResourceEntry {
  readonly declared: ResourceDeclaration
  readonly rules: readonly RecordedRule[]
}

/**
 * The resource of a kind, with the rules of all entries, which have the same selectors. `index` tells resources of one kind
 * apart.
 */
export function createCustomResource(kind: ServedKind, entries: readonly ResourceEntry[], index = 0): AnyResource {
  const selectors = entries[0]?.declared.selectors
  const labelled = entries.map((entry) => ({ ...entry, labels: compileObjectLabels(kind, entry.declared) }))
  const compiled = labelled.flatMap((entry) => entry.rules.map((rule) => configure(kind, entry, rule)))
  const { constants, read } = compileCommonLabels(kind, labelled)
  const families = Map.groupBy(compiled, ({ declared }) => `${declared.each.type} ${declared.name}`)
  const paths = compiled.flatMap(({ rule }) => rule.rootPaths)
  return {
    plural: kind.plural,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    namespaced: kind.namespaced,
    enabledByDefault: true,
    form: 'object',
    schema: customObject,
    identity: {},
    common: { constants, read: ({ raw }: CustomObject) => read(withType(raw, kind)) },
    variant: `custom resource state${index === 0 ? '' : ` ${index}`}`,
    fingerprint: JSON.stringify([kind, selectors]),
    ...(selectors && { selectors }),
    keeps: bulkThat(paths),
    ...readsOf(paths),
    families: [...families.values()].map((rules) => createFamily(kind, rules)),
  }
}

interface ConfiguredRule {
  readonly declared: RuleDeclaration
  readonly rule: CompiledRule
  readonly fingerprint: string
}

function configure(
  kind: ServedKind,
  { declared: resource, labels }: ResourceEntry & { readonly labels: ObjectLabels },
  { declared, record }: RecordedRule,
): ConfiguredRule {
  const hasOwn = declared.commonLabels.size > 0 || declared.labelsFromPath.size > 0
  const ruleLabels = hasOwn ? compileObjectLabels(kind, resource, declared) : labels
  return {
    declared,
    rule: compileRule(declared, ruleLabels, record),
    fingerprint: fingerprintOf(kind, resource, declared),
  }
}

/** Rules of one name and type are one family. */
function createFamily(kind: ServedKind, rules: readonly ConfiguredRule[]): AnyFamily {
  const { declared } = rules[0] as ConfiguredRule
  const family: FreeFamily<CustomObject> = {
    kind: 'free',
    name: declared.name,
    help: declared.help,
    type: declared.each.type,
    stability: 'stable',
    optIn: false,
    fingerprint: rules.map((rule) => rule.fingerprint).join('\n'),
    labelSets: declared.each.type === 'stateset' ? [[declared.each.labelName]] : [],
    callback({ metadata, raw }, observe: ObserveFree) {
      const { namespace, name } = metadata
      const whole = withType(raw, kind)
      for (const { rule } of rules) rule.observe(whole, namespace === '' ? name : `${namespace}/${name}`, observe)
    },
  }
  return family
}

/** Items of a list of native kinds come without their type. */
function withType(raw: CustomObject['raw'], kind: ServedKind): CustomObject['raw'] {
  raw.kind ??= kind.kind
  raw.apiVersion ??= apiVersionOf(kind)
  return raw
}

/** Everything that decides what a rule yields, as text: where it stands does not matter. */
function fingerprintOf(kind: ServedKind, resource: ResourceDeclaration, declared: RuleDeclaration): string {
  const { commonLabels, labelsFromPath, isOfMonitor } = resource
  const { line: _line, column: _column, ...rule } = declared
  const entries = (_key: string, value: unknown) => (value instanceof Map ? [...value] : value)
  return JSON.stringify([kind, commonLabels, labelsFromPath, isOfMonitor, rule], entries)
}

/** The first two parts of all paths; nothing where one may need the whole object, or a key that JSON may write in another way. */
function readsOf(paths: readonly PathParts[]): Pick<AnyResource, 'reads'> {
  const reads: Record<string, readonly string[] | undefined> = {}
  for (const { parts } of paths) {
    const [first = '', second = ''] = parts
    if (!isPlainKey(first)) return {}
    const known = Object.hasOwn(reads, first) ? reads[first] : []
    reads[first] = known === undefined || !isPlainKey(second) ? undefined : [...new Set([...known, second])]
  }
  return { reads }
}

const isPlainKey = (part: string) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(part)

const bulk = {
  managedFields: ['metadata', 'managedFields'],
  lastApplied: ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
} as const

/** What readers drop of other objects, as far as paths reach it. */
function bulkThat(paths: readonly PathParts[]): readonly (keyof typeof bulk)[] {
  const reaches = (place: readonly string[]) =>
    paths.some(({ parts }) => place.every((part, i) => i >= parts.length || parts[i] === part))
  return (['managedFields', 'lastApplied'] as const).filter((name) => reaches(bulk[name]))
}
