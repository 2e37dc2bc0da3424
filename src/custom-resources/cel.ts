/** Compiles expressions in CEL. Nothing of their text is run as JavaScript; what they cost is bounded. */

import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { Duration, Environment, UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { checkCall, registerFunctions } from './cel-functions.ts'
import { meter } from './cel-metering.ts'
import { callOf, childrenOf, nestingOf, readsOf } from './cel-syntax.ts'
import type { Expression, ExpressionUse } from './expression.ts'
import { variableNames } from './expression.ts'
import { Budget } from './expression-budget.ts'
import { ExpressionError } from './expression-error.ts'
import { describeType } from './json-value.ts'
import { toLabelText } from './label-text.ts'

const maxLength = 2000
const maxNesting = 3
const limits = { maxAstNodes: 500, maxDepth: 50, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 }

const environment = registerFunctions(
  new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits }),
)
  .registerVariable('object', 'map')
  .registerVariable('element', 'dyn')
  .registerVariable('key', 'dyn')

/** Compiles the text of an expression. Throws ExpressionError. */
export function compileExpression(text: string, use: ExpressionUse): Expression {
  if (text.length > maxLength) {
    throw new ExpressionError(`expected at most ${maxLength} characters, got ${text.length}`)
  }
  const parsed = parse(text)
  checkCalls(parsed.ast)
  if (nestingOf(parsed.ast) > maxNesting) {
    throw new ExpressionError(`expected all, exists, filter and map to be nested at most ${maxNesting} times`)
  }
  const reads = readsOf(parsed.ast)
  checkType(parsed, use)
  let budget = new Budget()
  meter(parsed.ast, () => budget)
  return {
    text,
    reads,
    toJSON: () => text,
    evaluate(variables, current) {
      budget = current
      return results[use](evaluate(parsed, variables))
    },
  }
}

function parse(text: string): ParseResult {
  try {
    return environment.parse(text)
  } catch (error) {
    throw asExpressionError(error)
  }
}

function checkCalls(node: ASTNode): void {
  const call = callOf(node)
  if (call !== undefined) checkCall(call, node)
  for (const child of childrenOf(node)) checkCalls(child)
}

/** Types are known as far as the object's fields do not decide. */
function checkType(parsed: ParseResult, use: ExpressionUse): void {
  const { valid, type = 'dyn', error } = parsed.check()
  if (!valid) throw asExpressionError(error)
  if (refused[use].test(type)) throw new ExpressionError(`expected ${expected[use]}, got ${type}`, 0)
}

const refused: Readonly<Record<ExpressionUse, RegExp>> = {
  condition: /^(?!(?:bool|dyn)$)/,
  number: /^(?:string|bytes|type|list\b|map\b)/,
  label: /^(?:bytes|type|list\b|map\b|google\.protobuf\.Duration)/,
}

const expected: Readonly<Record<ExpressionUse, string>> = {
  condition: 'a bool',
  number: 'a number, a bool, a timestamp or a duration (a text is converted by quantity(), double() or timestamp())',
  label: 'a string, a number, a bool or a timestamp',
}

function evaluate(parsed: ParseResult, variables: object): unknown {
  try {
    return withoutOptional(parsed(variables))
  } catch (error) {
    throw asExpressionError(error)
  }
}

/** The value in an optional one; null for none. */
function withoutOptional(value: unknown): unknown {
  const isOptional = typeof value === 'object' && value !== null && 'orValue' in value
  return isOptional ? (value as { orValue(fallback: null): unknown }).orValue(null) : value
}

const results: Readonly<Record<ExpressionUse, (value: unknown) => boolean | number | string | undefined>> = {
  condition(value) {
    if (typeof value === 'boolean') return value
    throw unexpected('condition', value)
  },
  number(value) {
    if (value === null) return undefined
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
    if (value instanceof UnsignedInt) return Number(value.valueOf())
    if (value instanceof Date) return value.getTime() / 1000
    if (value instanceof Duration) return Number(value.seconds) + value.nanos / 1e9
    throw unexpected('number', value)
  },
  label(value) {
    if (value === null) return undefined
    if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return toLabelText(value)
    if (value instanceof UnsignedInt) return String(value.valueOf())
    if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
    throw unexpected('label', value)
  },
}

function unexpected(use: ExpressionUse, value: unknown): ExpressionError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : describeType(value)
  return new ExpressionError(`expected ${expected[use]}, got ${got}`)
}

/** Errors of the library have a summary of one line, and a range in the text. */
function asExpressionError(error: unknown): ExpressionError {
  if (error instanceof ExpressionError) return error
  if (!(error instanceof Error)) return new ExpressionError(String(error))
  const {
    summary = error.message,
    range,
    code,
  } = error as { summary?: string; code?: string } & {
    range?: { start: number }
  } & Error
  const hint = code === 'unknown_variable' ? `; the variables are ${variableNames.join(', ')}` : ''
  return new ExpressionError(`${summary}${hint}`, range?.start)
}
