/** All rules of a configuration: which kinds they are for, and what each has done. */

import type { AnyResource } from '../families/family.ts'
import type { ResourceDeclaration, RuleDeclaration } from './configuration.ts'
import type { RecordedRule, ResourceEntry } from './custom-resource.ts'
import { createCustomResource } from './custom-resource.ts'
import type { RuleRecord } from './rule.ts'
import { createRuleRecord } from './rule.ts'
import type { ServedKind } from './served-kind.ts'
import { keyOfKind } from './served-kind.ts'

/** What is known of one rule. */
export interface RuleStatus {
  readonly resource: ResourceDeclaration
  readonly rule: RuleDeclaration
  readonly record: RuleRecord
  /** The kinds that it is for at present. */
  readonly kinds: readonly ServedKind[]
}

/** The rules of a configuration. */
export interface CustomResourceRules {
  readonly declarations: readonly ResourceDeclaration[]
  /** Takes other declarations. Entries that say the same keep their records, and their kinds the same resources. */
  update(declarations: readonly ResourceDeclaration[]): void
  /**
   * The resources for the kinds that are served, ordered by group, version and kind. A kind that was resolved before
   * yields the same value again.
   */
  resolve(served: readonly ServedKind[]): readonly AnyResource[]
  /** Every rule, with the kinds that the last `resolve` found for it. */
  status(): readonly RuleStatus[]
}

export function createCustomResourceRules(declarations: readonly ResourceDeclaration[]): CustomResourceRules {
  let entries: readonly KnownEntry[] = declarations.map(createEntry)
  let known = new Map<string, KnownKind>()
  let kindsOf = new Map<ResourceEntry, ServedKind[]>()
  return {
    get declarations() {
      return entries.map(({ declared }) => declared)
    },
    update(next) {
      const before = new Map(entries.map((entry) => [contentOf(entry.declared), entry]))
      entries = next.map((declared) => {
        const known = before.get(contentOf(declared))
        return known === undefined ? createEntry(declared) : moved(known, declared)
      })
    },
    resolve(served) {
      kindsOf = new Map()
      const current: typeof known = new Map()
      const seen = new Set<string>()
      for (const kind of served.toSorted(compareKinds)) {
        const key = keyOfKind(kind)
        if (seen.has(key)) continue
        seen.add(key)
        const matching = entries.filter(({ declared }) => matches(declared, kind))
        for (const [index, counting] of groupBySelectors(lastOfEachSource(matching)).entries()) {
          for (const entry of counting) kindsOf.set(entry, [...(kindsOf.get(entry) ?? []), kind])
          const before = known.get(`${key} ${index}`)
          current.set(`${key} ${index}`, isSame(before, kind, counting) ? before : createKnown(kind, counting, index))
        }
      }
      known = current
      return [...known.values()].map(({ resource }) => resource)
    },
    status: () =>
      entries.flatMap((entry) =>
        entry.rules.map(({ declared: rule, record }) => ({
          resource: entry.declared,
          rule,
          record,
          kinds: kindsOf.get(entry) ?? [],
        })),
      ),
  }
}

/** A kind, the entries for it, and what was made of them. */
interface KnownKind {
  readonly kind: ServedKind
  readonly entries: readonly ResourceEntry[]
  readonly resource: AnyResource
}

function createKnown(kind: ServedKind, entries: readonly ResourceEntry[], index: number): KnownKind {
  return { kind, entries, resource: createCustomResource(kind, entries, index) }
}

function isSame(
  known: KnownKind | undefined,
  { plural, namespaced }: ServedKind,
  entries: readonly ResourceEntry[],
): known is KnownKind {
  if (known?.kind.plural !== plural || known.kind.namespaced !== namespaced) return false
  return known.entries.length === entries.length && known.entries.every((entry, i) => entry === entries[i])
}

/** An entry whose place in its file may change. */
interface KnownEntry extends ResourceEntry {
  declared: ResourceDeclaration
  readonly rules: readonly (RecordedRule & { declared: RuleDeclaration })[]
}

function createEntry(declared: ResourceDeclaration): KnownEntry {
  return { declared, rules: declared.rules.map((rule) => ({ declared: rule, record: createRuleRecord() })) }
}

/** The entry where it stands now. */
function moved(entry: KnownEntry, declared: ResourceDeclaration): KnownEntry {
  entry.declared = declared
  for (const [index, rule] of entry.rules.entries()) rule.declared = declared.rules[index] ?? rule.declared
  return entry
}

/** Everything that an entry says, but not where it stands in its file. */
function contentOf(declared: ResourceDeclaration): string {
  return JSON.stringify(declared, (key, value) => {
    if (key === 'line' || key === 'column') return undefined
    return value instanceof Map ? [...value] : value
  })
}

/** Of the entries of one file for a kind with equal selectors the last counts; files, and those of a monitor, add up. */
function lastOfEachSource(entries: readonly ResourceEntry[]): readonly ResourceEntry[] {
  const keyOf = (entry: ResourceEntry) =>
    entry.declared.isOfMonitor ? entry : `${entry.declared.source}\n${selectorsOf(entry)}`
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()]
}

/** Objects that are selected in another way are read for themselves. */
function groupBySelectors(entries: readonly ResourceEntry[]): ResourceEntry[][] {
  return [...Map.groupBy(entries, selectorsOf).values()]
}

const selectorsOf = ({ declared }: ResourceEntry) => JSON.stringify(declared.selectors ?? null)

function matches({ groupVersionKind }: ResourceDeclaration, { group, version, kind }: ServedKind): boolean {
  const { group: wantedGroup, version: wantedVersion, kind: wantedKind } = groupVersionKind
  // The core group has no name, so that its kinds must be named.
  if (wantedGroup !== group || (group === '' && isWildcard(wantedKind))) return false
  return (isWildcard(wantedVersion) || wantedVersion === version) && (isWildcard(wantedKind) || wantedKind === kind)
}

const isWildcard = (text: string) => text === '' || text === '*'

function compareKinds(left: ServedKind, right: ServedKind): number {
  return keyOfKind(left) < keyOfKind(right) ? -1 : 1
}
