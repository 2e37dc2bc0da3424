/** All rules of a configuration: which kinds they are for, and what each has done. */

import type { AnyResource } from '../families/family.ts'
import type { ResourceDeclaration, RuleDeclaration } from './configuration.ts'
import type { ResourceEntry } from './custom-resource.ts'
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
  /**
   * The resources for the kinds that are served, ordered by group, version and kind. A kind that was resolved before
   * yields the same value again.
   */
  resolve(served: readonly ServedKind[]): readonly AnyResource[]
  /** Every rule, with the kinds that the last `resolve` found for it. */
  status(): readonly RuleStatus[]
}

export function createCustomResourceRules(declarations: readonly ResourceDeclaration[]): CustomResourceRules {
  const entries = declarations.map((declared) => ({
    declared,
    rules: declared.rules.map((rule) => ({ declared: rule, record: createRuleRecord() })),
  }))
  let known = new Map<string, { readonly kind: ServedKind; readonly resource: AnyResource }>()
  let kindsOf = new Map<ResourceEntry, ServedKind[]>()
  return {
    declarations,
    resolve(served) {
      kindsOf = new Map()
      const current: typeof known = new Map()
      for (const kind of served.toSorted(compareKinds)) {
        const key = keyOfKind(kind)
        const matching = current.has(key)
          ? []
          : lastOfEachSource(entries.filter(({ declared }) => matches(declared, kind)))
        if (matching.length === 0) continue
        for (const entry of matching) kindsOf.set(entry, [...(kindsOf.get(entry) ?? []), kind])
        const before = known.get(key)
        const isSame = before?.kind.plural === kind.plural && before.kind.namespaced === kind.namespaced
        current.set(key, isSame ? before : { kind, resource: createCustomResource(kind, matching) })
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

/** Of the entries of one file for a kind the last counts; files add up. */
function lastOfEachSource(entries: readonly ResourceEntry[]): readonly ResourceEntry[] {
  return [...new Map(entries.map((entry) => [entry.declared.source, entry])).values()]
}

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
