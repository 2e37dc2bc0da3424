/** JSON values as CEL takes them. */

import type { ReadTree } from './expression.ts'
import type { Budget } from './expression-budget.ts'
import { ExpressionError } from './expression-error.ts'
import { isList, isMap, memberOf } from './json-value.ts'

const maxDepth = 100

/**
 * Objects become Maps with the members that are read, so that a key of the cluster never reaches a prototype. Whole numbers
 * become int. Members that are null are as good as absent. Every value costs a step. Throws ExpressionError.
 */
export function toCelValue(value: unknown, reads: ReadTree, budget: Budget, depth = 0): unknown {
  budget.spend(1)
  if (value == null) return null
  if (typeof value === 'number') return Number.isInteger(value) && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : Number(value)
  if (depth > maxDepth) throw new ExpressionError(`the value is nested deeper than ${maxDepth} levels`)
  if (isList(value)) return value.map((element) => toCelValue(element, true, budget, depth + 1))
  if (!isMap(value)) return value
  const members = new Map<string, unknown>()
  const names: Iterable<readonly [string, ReadTree]> =
    reads === true ? Object.keys(value).map((name) => [name, true] as const) : reads
  for (const [name, below] of names) {
    const member = memberOf(value, name)
    if (member != null) members.set(name, toCelValue(member, below, budget, depth + 1))
  }
  return members
}
