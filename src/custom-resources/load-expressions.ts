/** Loads CEL when rules have expressions: other programs do without its code. */

import type { CompileExpression } from './expression.ts'

/** The keys of a rule that hold expressions. */
export const expressionKeys = ['where', 'valueExpression', 'labelExpressions'] as const

/** The compiler of expressions; undefined if no text has one of their keys. */
export async function loadExpressions(
  texts: readonly { readonly text: string }[],
): Promise<CompileExpression | undefined> {
  const areUsed = texts.some(({ text }) => expressionKeys.some((key) => text.includes(key)))
  if (!areUsed) return undefined
  const { compileExpression } = await import('./cel.ts')
  return compileExpression
}
