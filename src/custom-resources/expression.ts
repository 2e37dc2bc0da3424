/** Expressions in CEL as rules use them. `cel.ts` compiles them, and is loaded only if a rule has one. */

import type { Budget } from './expression-budget.ts'

/**
 * What an expression is for: it decides whether an element is a sample, yields its value, or a label. One of a
 * ResourceMetricsMonitor resolves to texts, for a value or for labels, and names the object `o`.
 */
export type ExpressionUse = 'condition' | 'number' | 'label' | 'monitor'

/** One text, a text for each sample, or texts by name. */
export type ResolvedTexts = string | readonly string[] | ReadonlyMap<string, string>

/** The members of a value that an expression reads, each with what it reads below; `true` is all of it. */
export type ReadTree = true | Map<string, ReadTree>

export const variableNames = ['object', 'element', 'key'] as const
export type VariableName = (typeof variableNames)[number]

/** What an expression reads of each variable; undefined for one that it does not name. */
export type ExpressionReads = Partial<Record<VariableName, ReadTree>>

/** The values of the variables as CEL takes them: see `toCelValue`. */
export type Variables = Readonly<Record<VariableName, unknown>>

/** A compiled expression. */
export interface Expression {
  readonly text: string
  readonly reads: ExpressionReads
  /**
   * A boolean for a condition, a number for a number, a text for a label, texts for a monitor; undefined where the latter
   * three are null. Throws ExpressionError.
   */
  evaluate(variables: Variables, budget: Budget): boolean | number | ResolvedTexts | undefined
  /** The text: rules are compared as JSON. */
  toJSON(): string
}

/** Compiles the text of an expression. Throws ExpressionError. */
export type CompileExpression = (text: string, use: ExpressionUse) => Expression

/** The smallest tree that covers both. */
export function mergeReads(left: ReadTree | undefined, right: ReadTree | undefined): ReadTree | undefined {
  if (left === undefined || right === undefined) return left ?? right
  if (left === true || right === true) return true
  const merged = new Map(left)
  for (const [name, below] of right) merged.set(name, mergeReads(merged.get(name), below) ?? true)
  return merged
}

/** The paths to all ends of a tree. */
export function pathsOfReads(reads: ReadTree | undefined): string[][] {
  if (reads === undefined) return []
  if (reads === true) return [[]]
  return [...reads].flatMap(([name, below]) => pathsOfReads(below).map((path) => [name, ...path]))
}
