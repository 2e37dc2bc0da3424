/** A value or label of a ResourceMetricsMonitor: an expression in CEL, or the dotted path of the resolver `unstructured`. */

import type { Expression, ResolvedTexts } from '../expression.ts'
import { pathsOfReads } from '../expression.ts'
import type { Budget } from '../expression-budget.ts'
import { ExpressionError } from '../expression-error.ts'
import { toCelValue } from '../expression-values.ts'
import { toLabelText } from '../label-text.ts'
import type { PathParts } from '../path.ts'
import { compilePath } from '../path.ts'

export interface Resolvable {
  readonly text: string
  /** From the object's root on. */
  readonly paths: readonly PathParts[]
  /** What it finds in an object; undefined where there is nothing. Throws ExpressionError. */
  resolve(object: unknown, budget: Budget): ResolvedTexts | undefined
  /** Resolver and text: rules are compared as JSON. */
  toJSON(): string
}

/** An expression that was compiled for a monitor. */
export function resolvableExpression(expression: Expression): Resolvable {
  const { text } = expression
  const { object: reads } = expression.reads
  return {
    text,
    paths: pathsOfReads(reads).map((parts) => ({ parts })),
    toJSON: () => `cel:${text}`,
    resolve(object, budget) {
      const value = reads === undefined ? null : toCelValue(object, reads, budget)
      return expression.evaluate({ object: value, element: null, key: null }, budget) as ResolvedTexts | undefined
    },
  }
}

/** `spec.replicas`; a list or an object is the text that Go prints. Throws ExpressionError. */
export function resolvablePath(text: string): Resolvable {
  const parts = text.split('.')
  if (parts.some((part) => part === '' || /[[\]=]/.test(part))) {
    throw new ExpressionError(`expected keys with dots between them, such as spec.replicas, got "${text}"`)
  }
  const path = compilePath(parts)
  return {
    text,
    paths: [path],
    toJSON: () => `unstructured:${text}`,
    resolve(object) {
      const found = path.get(object)
      return found == null ? undefined : toLabelText(found)
    },
  }
}
