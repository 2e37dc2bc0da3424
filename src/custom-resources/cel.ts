/** Compiles expressions in CEL. Nothing of their text is run as JavaScript; what they cost is bounded. */

import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { Duration, Environment, UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { checkCall, registerFunctions, registerMonitorFunctions } from './cel-functions.ts'
import { meter } from './cel-metering.ts'
import { callOf, childrenOf, nestingOf, readsOf } from './cel-syntax.ts'
import type { Expression, ExpressionReads, ExpressionUse, ResolvedTexts } from './expression.ts'
import { variableNames } from './expression.ts'
import { Budget } from './expression-budget.ts'
import { ExpressionError } from './expression-error.ts'
import { describeType } from './json-value.ts'
import { formatGoFloat, toLabelText } from './label-text.ts'

const maxLength = 2000
const maxNesting = 3
const limits = { maxAstNodes: 500, maxDepth: 50, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 }

const createEnvironment = () =>
  registerFunctions(new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits }))

const ruleEnvironment = createEnvironment()
  .registerVariable('object', 'map')
  .registerVariable('element', 'dyn')
  .registerVariable('key', 'dyn')

/** What ResourceMetricsMonitors call the object. */
const monitorVariable = 'o'
const monitorEnvironment = registerMonitorFunctions(createEnvironment()).registerVariable(monitorVariable, 'map')

/** Compiles the text of an expression. Throws ExpressionError. */
export function compileExpression(text: string, use: ExpressionUse): Expression {
  if (text.length > maxLength) {
    throw new ExpressionError(`expected at most ${maxLength} characters, got ${text.length}`)
  }
  const parsed = parse(text, use)
  checkCalls(parsed.ast, use)
  if (nestingOf(parsed.ast) > maxNesting) {
    throw new ExpressionError(`expected all, exists, filter and map to be nested at most ${maxNesting} times`)
  }
  const reads = readsIn(parsed.ast, use)
  checkType(parsed, use)
  let budget = new Budget()
  meter(parsed.ast, () => budget)
  return {
    text,
    reads,
    toJSON: () => text,
    evaluate(variables, current) {
      budget = current
      return results[use](evaluate(parsed, use === 'monitor' ? { [monitorVariable]: variables.object } : variables))
    },
  }
}

function parse(text: string, use: ExpressionUse): ParseResult {
  try {
    return (use === 'monitor' ? monitorEnvironment : ruleEnvironment).parse(text)
  } catch (error) {
    throw asExpressionError(error, use)
  }
}

function readsIn(ast: ASTNode, use: ExpressionUse): ExpressionReads {
  if (use !== 'monitor') return readsOf(ast, variableNames)
  const { [monitorVariable]: object } = readsOf(ast, [monitorVariable])
  return object === undefined ? {} : { object }
}

function checkCalls(node: ASTNode, use: ExpressionUse): void {
  const call = callOf(node)
  if (call !== undefined) checkCall(call, node, use)
  for (const child of childrenOf(node)) checkCalls(child, use)
}

/** Types are known as far as the object's fields do not decide. */
function checkType(parsed: ParseResult, use: ExpressionUse): void {
  const { valid, type = 'dyn', error } = parsed.check()
  if (!valid) throw asExpressionError(error, use)
  if (refused[use].test(type)) throw new ExpressionError(`expected ${expected[use]}, got ${type}`, 0)
}

const refused: Readonly<Record<ExpressionUse, RegExp>> = {
  condition: /^(?!(?:bool|dyn)$)/,
  number: /^(?:string|bytes|type|list\b|map\b)/,
  label: /^(?:bytes|type|list\b|map\b|google\.protobuf\.Duration)/,
  monitor: /^(?:bytes|type|google\.protobuf\.)/,
}

const expected: Readonly<Record<ExpressionUse, string>> = {
  condition: 'a bool',
  number: 'a number, a bool, a timestamp or a duration (a text is converted by quantity(), double() or timestamp())',
  label: 'a string, a number, a bool or a timestamp',
  monitor: 'a string, a number, a bool, or a list or map of these',
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

const results: Readonly<Record<ExpressionUse, (value: unknown) => ReturnType<Expression['evaluate']>>> = {
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
  monitor: (value) => (value === null ? undefined : toMonitorTexts(value)),
}

/** Lists of scalars, and maps whose maps are flattened, as texts in Go's notation. */
function toMonitorTexts(value: unknown): ResolvedTexts {
  if (Array.isArray(value)) return value.map(toScalarText)
  if (!isMapValue(value)) return toScalarText(value)
  const texts = new Map<string, string>()
  for (const [name, member] of entriesOf(value)) {
    if (isMapValue(member))
      for (const [inner, text] of toMonitorTexts(member) as Map<string, string>) texts.set(inner, text)
    else if (member !== null) texts.set(String(name), toScalarText(member))
  }
  return texts
}

function toScalarText(value: unknown): string {
  if (typeof value === 'number') return formatGoFloat(value)
  if (['string', 'bigint', 'boolean'].includes(typeof value)) return toLabelText(value)
  if (value instanceof UnsignedInt) return String(value.valueOf())
  throw unexpected('monitor', value)
}

const isMapValue = (value: unknown): value is object =>
  value instanceof Map || (typeof value === 'object' && value !== null && value.constructor === Object)
const entriesOf = (map: object): Iterable<readonly [unknown, unknown]> =>
  map instanceof Map ? map : Object.entries(map)

function unexpected(use: ExpressionUse, value: unknown): ExpressionError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : describeType(value)
  return new ExpressionError(`expected ${expected[use]}, got ${got}`)
}

/** Errors of the library have a summary of one line, and a range in the text. */
function asExpressionError(error: unknown, use: ExpressionUse = 'label'): ExpressionError {
  if (error instanceof ExpressionError) return error
  if (!(error instanceof Error)) return new ExpressionError(String(error))
  const {
    summary = error.message,
    range,
    code,
  } = error as { summary?: string; code?: string } & {
    range?: { start: number }
  } & Error
  const variables =
    use === 'monitor' ? `the variable is ${monitorVariable}` : `the variables are ${variableNames.join(', ')}`
  const hint = code === 'unknown_variable' ? `; ${variables}` : ''
  return new ExpressionError(`${summary}${hint}`, range?.start)
}
