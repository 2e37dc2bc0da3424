/** Loads CEL when rules have expressions: other programs do without its code. */

import type { CompileExpression } from './expression.ts'

/** The keys of a rule that hold expressions. */
export const expressionKeys = ['where', 'valueExpression', 'labelExpressions'] as const

/** The kind whose objects have expressions under other keys. */
export const monitorKind = 'ResourceMetricsMonitor'

/** The compiler of expressions; undefined if no text has one of their keys, or is a monitor. */
export async function loadExpressions(
  texts: readonly { readonly text: string }[],
): Promise<CompileExpression | undefined> {
  const areUsed = texts.some(({ text }) => [...expressionKeys, monitorKind].some((word) => text.includes(word)))
  if (!areUsed) return undefined
  const { compileExpression } = await import('./cel.ts')
  return compileExpression
}
