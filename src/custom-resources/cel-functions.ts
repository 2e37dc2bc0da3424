/** The functions that expressions may call, and those that are our own. */

import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import type { RE2JS } from 're2js'
import { didYouMean } from '../config/suggestion.ts'
import type { Call } from './cel-syntax.ts'
import { comprehensions } from './cel-syntax.ts'
import type { ExpressionUse } from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import { quantityToNumber, timeToNumber } from './number-conversion.ts'
import { compilePattern } from './re2-pattern.ts'

/**
 * Those whose cost is bounded by the length of their arguments. Time zones, bytes and days of the year depend on the machine
 * or are not needed.
 */
const functions: ReadonlySet<string> = new Set([
  ...['bool', 'double', 'duration', 'dyn', 'has', 'int', 'quantity', 'size', 'string', 'timestamp', 'type', 'uint'],
])

const methods: ReadonlySet<string> = new Set([
  ...comprehensions,
  ...['bind', 'contains', 'endsWith', 'indexOf', 'join', 'lastIndexOf', 'lowerAscii', 'matches', 'max', 'min', 'size'],
  ...['split', 'startsWith', 'substring', 'sum', 'trim', 'upperAscii'],
  ...['hasValue', 'none', 'of', 'or', 'orValue', 'value'],
  ...['getDate', 'getDayOfMonth', 'getDayOfWeek', 'getFullYear', 'getHours', 'getMilliseconds', 'getMinutes'],
  ...['getMonth', 'getSeconds'],
])

/** `matches` under a name of our own: the library's own one backtracks. */
const re2Name = 'matchesRe2'

/** What ResourceMetricsMonitors call beside them; `quantity` of an empty text is 0 there. */
const monitorFunctions: ReadonlySet<string> = new Set([...functions, 'labelPrefix', 'unixSeconds'])
const monitorQuantity = 'quantityOrZero'

const withoutNow =
  'now() is not available, since a sample changes only when its object does: write unixSeconds() here, and time() - metric in the query'

/** Refuses calls of functions that are not there. Throws ExpressionError. */
export function checkCall(call: Call, node: ASTNode, use: ExpressionUse): void {
  const { name, receiver, args } = call
  const known = receiver !== undefined ? methods : use === 'monitor' ? monitorFunctions : functions
  if (use === 'monitor' && name === 'now' && receiver === undefined) throw new ExpressionError(withoutNow, node.start)
  const what = receiver === undefined ? 'function' : 'method'
  if (!known.has(name)) throw new ExpressionError(`no ${what} ${name}${didYouMean(name, known)}`, node.start)
  if (name.startsWith('get') && args.length > 0) {
    throw new ExpressionError(`expected ${name}() without a time zone: times are UTC`, node.start)
  }
  if (name === 'matches') useRe2(node, args)
  if (name === 'quantity' && use === 'monitor') renameCall(node, monitorQuantity)
}

/** Makes `matches` a call of our own function. The pattern must be a literal, so that it is compiled here. */
function useRe2(node: ASTNode, [pattern]: readonly ASTNode[]): void {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    throw new ExpressionError('matches: expected a literal as the pattern', node.start)
  }
  try {
    compiledPattern(pattern.args)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new ExpressionError(`matches: ${error.message}`, pattern.start)
  }
  renameCall(node, re2Name)
}

function renameCall(node: ASTNode, name: string): void {
  const called = node.args as unknown as [name: string]
  called[0] = name
}

/** Compiled patterns of all rules; the oldest go when rules were reloaded very often. */
const patterns = new Map<string, RE2JS>()
const maxPatterns = 1000

/** The pattern of a literal. Throws ExpressionError. */
export function compiledPattern(pattern: string): RE2JS {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  if (patterns.size >= maxPatterns) patterns.clear()
  const compiled = compilePattern(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

/** Adds our own functions. */
export function registerFunctions(environment: Environment): Environment {
  const numbersOf = (list: readonly unknown[], name: string): (number | bigint)[] => {
    const numbers = list.filter((element) => typeof element === 'number' || typeof element === 'bigint')
    if (numbers.length < list.length) throw new ExpressionError(`${name}() of a list with other values than numbers`)
    return numbers
  }
  /** The least by an order; an empty list has none. */
  const least = (
    list: readonly unknown[],
    name: string,
    isBefore: (a: number | bigint, b: number | bigint) => boolean,
  ) => {
    const numbers = numbersOf(list, name)
    if (numbers.length === 0) throw new ExpressionError(`${name}() of an empty list`)
    return numbers.reduce((found, number) => (isBefore(number, found) ? number : found))
  }
  return environment
    .registerFunction(`string.${re2Name}(string): bool`, (text: string, pattern: string) =>
      compiledPattern(pattern).matcher(text).find(),
    )
    .registerFunction('quantity(string): double', toQuantity)
    .registerFunction('quantity(double): double', (number: number) => number)
    .registerFunction('quantity(int): double', Number)
    .registerFunction('list.sum(): dyn', (list: readonly unknown[]) => sumOf(numbersOf(list, 'sum')))
    .registerFunction('list.min(): dyn', (list: readonly unknown[]) => least(list, 'min', (a, b) => a < b))
    .registerFunction('list.max(): dyn', (list: readonly unknown[]) => least(list, 'max', (a, b) => a > b))
}

/** Adds those of ResourceMetricsMonitors. */
export function registerMonitorFunctions(environment: Environment): Environment {
  return environment
    .registerFunction(`${monitorQuantity}(string): double`, (text: string) => (text === '' ? 0 : toQuantity(text)))
    .registerFunction('unixSeconds(string): double', toUnixSeconds)
    .registerFunction('labelPrefix(map, string): map', prefixLabels)
}

function toUnixSeconds(text: string): number {
  const seconds = text === '' ? 0 : timeToNumber(text)
  if (seconds === undefined) throw new ExpressionError(`unixSeconds(): expected an RFC 3339 time, got "${text}"`)
  return Math.floor(seconds)
}

function prefixLabels(labels: ReadonlyMap<string, unknown> | object, prefix: string): Map<string, unknown> {
  const entries = labels instanceof Map ? labels : Object.entries(labels)
  return new Map([...entries].map(([name, value]) => [prefix + String(name).replaceAll(/\W/g, '_'), value]))
}

function toQuantity(text: string): number {
  const number = quantityToNumber(text)
  if (number === undefined) throw new ExpressionError(`quantity(): expected a quantity such as 5Gi, got "${text}"`)
  return number
}

/** An int if all are. */
function sumOf(numbers: readonly (number | bigint)[]): number | bigint {
  const ints = numbers.filter((number) => typeof number === 'bigint')
  if (ints.length < numbers.length) return numbers.reduce<number>((sum, number) => sum + Number(number), 0)
  const sum = ints.reduce((total, int) => total + int, 0n)
  if (BigInt.asIntN(64, sum) !== sum) throw new ExpressionError('sum(): integer overflow')
  return sum
}
