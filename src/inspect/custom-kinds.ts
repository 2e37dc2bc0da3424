/** The custom resources that rules are for, as far as they are known without a cluster. */

import type { ResourceDeclaration } from '../custom-resources/configuration.ts'
import { guessPlural } from '../custom-resources/plural.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import type { ServedKind } from '../custom-resources/served-kind.ts'
import { builtInKind, installedKinds, isBuiltIn, isDefinition } from './installed-kinds.ts'
import type { Manifest } from './manifests.ts'

/** What has to be readable for the rules. */
export interface CustomKind extends Pick<ServedKind, 'group' | 'plural' | 'namespaced'> {
  /** The plural name is derived from the kind: neither a definition nor `resourcePlural` says it. */
  readonly isGuessed: boolean
}

/**
 * The kinds of the rules. Built-in kinds and definitions among the manifests have plural names and scopes, other objects do
 * not. `*` is every kind of a group.
 */
export function customKinds(rules: CustomResourceRules, manifests: readonly Manifest[]): CustomKind[] {
  const { kinds } = installedKinds(manifests.filter((manifest) => isDefinition(manifest) || isBuiltIn(manifest)))
  rules.resolve(kinds)
  const resolved = new Map(rules.status().map(({ resource, kinds: found }) => [resource, found]))
  const all = rules.declarations.flatMap((declared): CustomKind[] => {
    const found = resolved.get(declared) ?? []
    return found.length > 0 ? found.map((kind) => ({ ...kind, isGuessed: false })) : [assumedKind(declared)]
  })
  return [...new Map(all.map((kind) => [`${kind.plural}.${kind.group}`, kind])).values()]
}

function assumedKind({ groupVersionKind: { group, kind }, resourcePlural }: ResourceDeclaration): CustomKind {
  if (kind === '' || kind === '*') return { group, plural: '*', namespaced: true, isGuessed: false }
  const builtIn = builtInKind(group, kind)
  if (builtIn !== undefined) return { ...builtIn, isGuessed: false }
  const plural = resourcePlural === '' ? guessPlural(kind) : resourcePlural
  return { group, plural, namespaced: true, isGuessed: resourcePlural === '' }
}
