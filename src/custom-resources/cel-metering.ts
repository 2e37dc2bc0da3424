/**
 * Makes every node of an expression spend steps of a budget when it is evaluated. The library has limits for the text of an
 * expression, but none for the elements that comprehensions visit and for the length of what is computed.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import { compiledPattern } from './cel-functions.ts'
import { callOf, childrenOf } from './cel-syntax.ts'
import type { Budget } from './expression-budget.ts'
import { spendDeep, stepsOf } from './expression-budget.ts'
import { ExpressionError } from './expression-error.ts'
import { stepsOfMatch } from './re2-pattern.ts'

/** The longest text that another one is searched for, or that all names get, which costs the product of both; and the longest one to be parsed. */
const maxSearched = 256
const maxParsed = 64

/** Spends what a value costs in its place; throws ExpressionError where it may not be as long. */
type Weigh = (value: unknown, budget: Budget) => void

const byLength: Weigh = (value, budget) => budget.spend(stepsOf(value))

/** Of the text that a pattern, which is a literal, is matched with. */
function byMatch(pattern: ASTNode | undefined): Weigh {
  const compiled = typeof pattern?.args === 'string' ? compiledPattern(pattern.args) : undefined
  return (value, budget) => budget.spend(typeof value === 'string' && compiled ? stepsOfMatch(compiled, value) : 1)
}

function noLongerThan(length: number, name: string): Weigh {
  return (value) => {
    if (typeof value !== 'string' || value.length <= length) return
    throw new ExpressionError(`${name}: expected a text of at most ${length} characters, got ${value.length}`)
  }
}

/** Meters a node and all below it. `budget` yields the one that counts at present. */
export function meter(node: ASTNode, budget: () => Budget, weigh: Weigh = byLength): void {
  meterNode(node, budget, weigh)
  for (const child of childrenOf(node)) meter(child, budget, weightIn(node, child))
}

/** What the value of a child costs, by what its parent does with it. */
function weightIn(parent: ASTNode, child: ASTNode): Weigh {
  if (parent.op === '==' || parent.op === '!=' || parent.op === 'in') return spendDeep
  const call = callOf(parent)
  switch (call?.name) {
    case 'join':
      return child === call.receiver ? spendDeep : noLongerThan(maxSearched, call.name)
    case 'sum':
    case 'min':
    case 'max':
      return spendDeep
    case 'labelPrefix':
      return child === call.args[1] ? noLongerThan(maxSearched, call.name) : spendDeep
    case 'matchesRe2':
      return child === call.receiver ? byMatch(call.args[0]) : byLength
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
    case 'split':
      return child === call.receiver ? byLength : noLongerThan(maxSearched, call.name)
    case 'duration':
    case 'quantity':
    case 'quantityOrZero':
    case 'unixSeconds':
      return noLongerThan(maxParsed, call.name)
    default:
      return byLength
  }
}

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown

/** The library replaces the method of a node by a faster one at its first evaluation, so that a property takes its place. */
function meterNode(node: ASTNode, budget: () => Budget, weigh: Weigh): void {
  let inner = (node as unknown as { evaluate: Evaluate }).evaluate
  const metered: Evaluate = (evaluator, self, context) => {
    const current = budget()
    current.spend(1)
    const value = inner.call(node, evaluator, self, context)
    weigh(value, current)
    return value
  }
  Object.defineProperty(node, 'evaluate', {
    get: () => metered,
    set: (replacement: Evaluate) => {
      inner = replacement
    },
  })
}
