/** The kinds that an API server serves, by where they are known from: definitions and discovery documents. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { kindsOfDefinition } from '../custom-resources/served-kind.ts'
import type { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'

type KindName = Pick<ServedKind, 'group' | 'kind'>

/** A kind whose definition is gone is believed to the documents of its group when they list it for this many readings. */
const readingsToBelieve = 3

/** Knows no kind yet. */
export function createKindCatalogue() {
  const defined = new Map<string, { readonly kinds: readonly ServedKind[]; readonly name: string; round: number }>()
  const documented = new Map<string, readonly ServedKind[]>()
  /**
   * Kinds without their former definition, with the readings until they are believed: discovery documents list a deleted
   * kind for a while longer, but it may also have moved to an aggregated API.
   */
  const undefinedNow = new Map<string, { readonly group: string; readings: number }>()
  const nameOf = ({ group, kind }: KindName) => `${group} ${kind}`
  let round = 0

  const forget = (uid: string): boolean => {
    const entry = defined.get(uid)
    if (entry === undefined) return false
    undefinedNow.set(entry.name, { group: entry.name.split(' ')[0] as string, readings: 0 })
    return defined.delete(uid)
  }
  /** Whether a kind is believed to be served, or not to be, from now on. */
  const believe = (group: string, kinds: readonly ServedKind[]): boolean => {
    const listed = new Set(kinds.map(nameOf))
    let isNews = false
    for (const [name, entry] of undefinedNow) {
      if (entry.group !== group || (listed.has(name) && ++entry.readings < readingsToBelieve)) continue
      undefinedNow.delete(name)
      isNews = true
    }
    return isNews
  }
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
      const { group, names } = definition.spec
      const name = nameOf({ group, kind: names.kind })
      const isNew = !defined.has(uid)
      defined.set(uid, { kinds: kindsOfDefinition(definition), name, round })
      undefinedNow.delete(name)
      return isNew
    },
    /** Whether it was known. */
    remove: forget,
    /** Removes what the list did not have; returns how many. */
    endList(): number {
      const gone = [...defined].filter(([, entry]) => entry.round < round)
      for (const [uid] of gone) forget(uid)
      return gone.length
    },
    /** Whether the documents of a group say anything new. */
    document(group: string, kinds: readonly ServedKind[]): boolean {
      const before = JSON.stringify(documented.get(group))
      documented.set(group, kinds)
      return believe(group, kinds) || JSON.stringify(kinds) !== before
    },
    kinds(): ServedKind[] {
      const names = new Set([...defined.values()].map(({ name }) => name))
      const isDocumented = (kind: ServedKind) => !names.has(nameOf(kind)) && !undefinedNow.has(nameOf(kind))
      return [
        ...[...defined.values()].flatMap(({ kinds }) => kinds),
        ...[...documented.values()].flat().filter(isDocumented),
      ]
    },
  }
}
