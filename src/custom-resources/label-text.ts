/** JSON values as label values: the text that Go's verb `%v` prints. */

import { compareKeys } from '../families/label-name.ts'
import { isList, isMap } from './json-value.ts'

/** From here on a whole number is no int64 any more: Go reads it as a float64. */
const int64Limit = 2 ** 63

/** Each level copies the text of those below it. */
const maxDepth = 100

/**
 * Lists are `[1 2]`, objects `map[a:1 b:2]` in the order of their keys, null is `<nil>`; texts stay as they are. Throws for a
 * value of more than 100 levels.
 */
export function toLabelText(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value
  if (value == null) return '<nil>'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'bigint') return bigintText(value)
  if (depth === maxDepth) throw new RangeError(`expected a value of at most ${maxDepth} levels for a label`)
  if (isList(value)) return `[${value.map((element) => toLabelText(element, depth + 1)).join(' ')}]`
  if (!isMap(value)) return String(value)
  const keys = Object.keys(value).sort(compareKeys)
  return `map[${keys.map((key) => `${key}:${toLabelText(value[key], depth + 1)}`).join(' ')}]`
}

function numberText(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) >= int64Limit) return formatGoFloat(value)
  return String(value)
}

function bigintText(value: bigint): string {
  return BigInt.asIntN(64, value) === value ? String(value) : formatGoFloat(Number(value))
}

/** A float64 as Go's `%v` prints it: the shortest digits, with an exponent below 0.0001 and from 1e+06 on. */
export function formatGoFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  const magnitude = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits}e${exponent < 0 ? '-' : '+'}${magnitude}`
}
