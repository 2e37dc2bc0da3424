/** Syntax trees of CEL expressions, as the parser makes them: their parts, and what they read of variables. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { ReadTree } from './expression.ts'
import { mergeReads } from './expression.ts'

/** A call of a function or of a method, where it is written. */
export interface Call {
  readonly name: string
  /** undefined for a function. */
  readonly receiver: ASTNode | undefined
  readonly args: readonly ASTNode[]
}

/** The call that a node is; undefined for other nodes. */
export function callOf(node: ASTNode): Call | undefined {
  if (node.op === 'call') return { name: node.args[0], receiver: undefined, args: node.args[1] }
  if (node.op === 'rcall') return { name: node.args[0], receiver: node.args[1], args: node.args[2] }
  return undefined
}

/** The nodes directly below a node. */
export function childrenOf({ args }: ASTNode): ASTNode[] {
  return nodesIn(args)
}

function nodesIn(part: unknown): ASTNode[] {
  if (Array.isArray(part)) return part.flatMap(nodesIn)
  return isNode(part) ? [part] : []
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part && 'args' in part
}

/** The macros that visit the elements of a list or the keys of a map. */
export const comprehensions: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

/** How deep comprehensions are nested in the predicates of others. */
export function nestingOf(node: ASTNode): number {
  const call = callOf(node)
  const own = call?.receiver !== undefined && comprehensions.has(call.name) ? 1 : 0
  return Math.max(0, ...childrenOf(node).map((child) => nestingOf(child) + (child === call?.receiver ? 0 : own)))
}

/** The members of each of the variables that an expression names. A value that is used in any other way is read as a whole. */
export function readsOf<Name extends string>(
  node: ASTNode,
  variables: readonly Name[],
): Partial<Record<Name, ReadTree>> {
  const reads: Partial<Record<Name, ReadTree>> = {}
  collectReads(node, variables, reads)
  return reads
}

function collectReads<Name extends string>(
  node: ASTNode,
  variables: readonly Name[],
  reads: Partial<Record<Name, ReadTree>>,
): void {
  const names: string[] = []
  let base = node
  for (let name = memberNameOf(base); name !== undefined; name = memberNameOf(base)) {
    names.unshift(name)
    base = (base.args as readonly ASTNode[])[0] as ASTNode
  }
  if (base.op !== 'id') {
    for (const child of childrenOf(base)) collectReads(child, variables, reads)
    return
  }
  const variable = variables.find((name) => name === base.args)
  if (variable === undefined) return
  const tree = names.reduceRight<ReadTree>((below, name) => new Map([[name, below]]), true)
  reads[variable] = mergeReads(reads[variable], tree) ?? tree
}

/** `a.b` and `a["b"]`, optional or not. */
function memberNameOf(node: ASTNode): string | undefined {
  if (node.op === '.' || node.op === '.?') return node.args[1]
  if (node.op !== '[]' && node.op !== '[?]') return undefined
  const index = node.args[1]
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined
}
