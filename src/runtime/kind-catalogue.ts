/** The kinds that an API server serves, by where they are known from: definitions and discovery documents. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { kindsOfDefinition } from '../custom-resources/served-kind.ts'
import type { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'

type KindName = Pick<ServedKind, 'group' | 'kind'>

/** The kinds of a definition. */
interface DefinedKinds {
  readonly kinds: readonly ServedKind[]
  readonly name: string
  /** The list in which the definition was seen last. */
  readonly round: number
}

/** A kind whose definition is gone is believed to the documents of its group when they list it for this many readings. */
const readingsToBelieve = 3

const nameOf = ({ group, kind }: KindName) => `${group} ${kind}`

/** Knows no kind at first. */
export class KindCatalogue {
  /** By the UID of the definition. */
  readonly #defined = new Map<string, DefinedKinds>()
  /** By group. */
  readonly #documented = new Map<string, readonly ServedKind[]>()
  /**
   * Kinds without their former definition, with the readings until they are believed: discovery documents list a deleted
   * kind for a while longer, but it may also have moved to an aggregated API.
   */
  readonly #undefinedNow = new Map<string, { readonly group: string; readings: number }>()
  #round = 0

  get definitions(): number {
    return this.#defined.size
  }

  beginList(): void {
    this.#round++
  }

  /** Whether the definition is new. */
  define(definition: CustomResourceDefinition): boolean {
    const { uid } = definition.metadata
    const { group, names } = definition.spec
    const name = nameOf({ group, kind: names.kind })
    const isNew = !this.#defined.has(uid)
    this.#defined.set(uid, { kinds: kindsOfDefinition(definition), name, round: this.#round })
    this.#undefinedNow.delete(name)
    return isNew
  }

  /** Whether the definition was known. */
  remove(uid: string): boolean {
    const entry = this.#defined.get(uid)
    if (entry === undefined) return false
    this.#undefinedNow.set(entry.name, { group: entry.name.split(' ')[0] as string, readings: 0 })
    return this.#defined.delete(uid)
  }

  /** Removes what the list did not have; returns how many. */
  endList(): number {
    const gone = [...this.#defined].filter(([, entry]) => entry.round < this.#round)
    for (const [uid] of gone) this.remove(uid)
    return gone.length
  }

  /** Whether the documents of a group say anything new. */
  document(group: string, kinds: readonly ServedKind[]): boolean {
    const before = JSON.stringify(this.#documented.get(group))
    this.#documented.set(group, kinds)
    return this.#believe(group, kinds) || JSON.stringify(kinds) !== before
  }

  kinds(): ServedKind[] {
    const defined = [...this.#defined.values()]
    const names = new Set(defined.map(({ name }) => name))
    const isDocumented = (kind: ServedKind) => !names.has(nameOf(kind)) && !this.#undefinedNow.has(nameOf(kind))
    return [...defined.flatMap(({ kinds }) => kinds), ...[...this.#documented.values()].flat().filter(isDocumented)]
  }

  /** Whether a kind is believed to be served, or not to be, from now on. */
  #believe(group: string, kinds: readonly ServedKind[]): boolean {
    const listed = new Set(kinds.map(nameOf))
    let isNews = false
    for (const [name, entry] of this.#undefinedNow) {
      if (entry.group !== group || (listed.has(name) && ++entry.readings < readingsToBelieve)) continue
      this.#undefinedNow.delete(name)
      isNews = true
    }
    return isNews
  }
}
