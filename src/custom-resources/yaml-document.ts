/** What the parser of YAML leaves to its users: which nodes aliases stand for, repeated keys, and a bound on what aliases multiply. */

import type { Alias, Document } from 'yaml'
import { isAlias, isMap, isNode, isPair, isScalar, visit } from 'yaml'

/** The parser compares every key of a mapping with all others: repeated keys are found here, in linear time. */
export const parseOptions = { prettyErrors: false, uniqueKeys: false } as const

/** Reports what is wrong with a node. */
type Report = (node: unknown, message: string) => void

/** Ten thousand rules of aliases; a text of a few lines could make billions of them. */
const maxNodes = 200_000

/** Follows the aliases of a document. */
export class YamlDocument {
  readonly #report: Report
  readonly #targets = new Map<unknown, unknown>()
  readonly #sizes = new Map<unknown, number>()
  #nodesLeft = maxNodes
  #isExhausted = false

  /** Reports repeated keys, and aliases without an anchor before them. */
  constructor(document: Document, report: Report) {
    this.#report = report
    const anchors = new Map<string, unknown>()
    visit(document, (_key, node) => {
      if (isAlias(node)) this.#note(node, anchors)
      else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
      if (isMap(node)) reportRepeated(node.items, report)
    })
  }

  /** Aliases have multiplied too much, which was reported. What is read from then on is not what was written. */
  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /** The node that an alias stands for; undefined without one, or when aliases have multiplied too much. */
  resolve(alias: Alias): unknown {
    const target = this.#targets.get(alias)
    if (target === undefined || this.#isExhausted) return undefined
    this.#nodesLeft -= this.#sizeOf(target)
    if (this.#nodesLeft >= 0) return target
    this.#report(alias, `expected aliases that stand for at most ${maxNodes} nodes altogether: write fewer of them`)
    this.#isExhausted = true
    return undefined
  }

  #note(alias: Alias, anchors: ReadonlyMap<string, unknown>): void {
    const target = anchors.get(alias.source)
    if (target === undefined)
      this.#report(alias, `not valid YAML: expected an anchor &${alias.source} before its alias`)
    else this.#targets.set(alias, target)
  }

  #sizeOf(target: unknown): number {
    const known = this.#sizes.get(target)
    if (known !== undefined) return known
    let size = 0
    if (isNode(target)) visit(target, () => void size++)
    this.#sizes.set(target, size)
    return size
  }
}

function reportRepeated(items: readonly unknown[], report: Report): void {
  const keys = new Set<unknown>()
  for (const item of items) {
    if (!isPair(item) || !isScalar(item.key)) continue
    if (keys.has(item.key.value)) report(item.key, 'not valid YAML: Map keys must be unique')
    keys.add(item.key.value)
  }
}
