/** The kinds that an API server serves, by where they are known from: definitions and discovery documents. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { kindsOfDefinition } from '../custom-resources/served-kind.ts'
import type { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'

/** Knows no kind yet. */
export function createKindCatalogue() {
  const defined = new Map<string, { readonly kinds: readonly ServedKind[]; round: number }>()
  const documented = new Map<string, readonly ServedKind[]>()
  /**
   * Kinds that had a definition at any time are taken from definitions alone: discovery documents list a deleted
   * one for a while longer.
   */
  const everDefined = new Set<string>()
  const nameOf = ({ group, kind }: Pick<ServedKind, 'group' | 'kind'>) => `${group} ${kind}`
  let round = 0
  return {
    get definitions() {
      return defined.size
    },
    beginList() {
      round++
    },
    /** Whether the definition is new. */
    define(definition: CustomResourceDefinition): boolean {
      const { uid } = definition.metadata
      const isNew = !defined.has(uid)
      defined.set(uid, { kinds: kindsOfDefinition(definition), round })
      everDefined.add(nameOf({ group: definition.spec.group, kind: definition.spec.names.kind }))
      return isNew
    },
    remove: (uid: string) => defined.delete(uid),
    /** Removes what the list did not have; returns how many. */
    endList(): number {
      const gone = [...defined].filter(([, entry]) => entry.round < round)
      for (const [uid] of gone) defined.delete(uid)
      return gone.length
    },
    /** Whether the documents of a group say anything new. */
    document(group: string, kinds: readonly ServedKind[]): boolean {
      const before = JSON.stringify(documented.get(group))
      documented.set(group, kinds)
      return JSON.stringify(kinds) !== before
    },
    kinds: (): ServedKind[] => [
      ...[...defined.values()].flatMap(({ kinds }) => kinds),
      ...[...documented.values()].flat().filter((kind) => !everDefined.has(nameOf(kind))),
    ],
  }
}
