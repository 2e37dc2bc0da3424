/** Bounds what the expressions of a rule may cost for one object. */

import { ExpressionError } from './expression-error.ts'

/** About 10 ms of evaluation. */
export const maxSteps = 100_000

/** Characters or elements that cost as much as a step. */
const sizePerStepBits = 4

/** Steps that are left for one object; they are shared by all elements and all expressions of a rule. */
export class Budget {
  #left = maxSteps
  #exhausted: ExpressionError | undefined

  /** Begins the next object. */
  renew(): void {
    this.#left = maxSteps
    this.#exhausted = undefined
  }

  /**
   * Throws ExpressionError when nothing is left, and on every call after that: `||` and `exists` ignore an error, but not that
   * of all that they evaluate next.
   */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left >= 0) return
    this.#exhausted ??= new ExpressionError(`more than ${maxSteps} steps of evaluation for one object`)
    throw this.#exhausted
  }
}

/** The steps for a value that was computed, by its length. */
export function stepsOf(value: unknown): number {
  return lengthOf(value) >> sizePerStepBits
}

/** The steps for a value that is compared or joined: all values in it. Spends them while it counts. */
export function spendDeep(value: unknown, budget: Budget): void {
  budget.spend(1)
  if (typeof value === 'string') budget.spend(stepsOf(value))
  else if (value instanceof Map) for (const member of value.values()) spendDeep(member, budget)
  else if (Array.isArray(value)) for (const element of value) spendDeep(element, budget)
  else if (isPlainObject(value)) for (const member of Object.values(value)) spendDeep(member, budget)
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}

/** A map that an expression has built. */
function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && value.constructor === Object
}
