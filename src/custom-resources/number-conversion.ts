/** JSON values as sample values, in the order in which kube-state-metrics tries its conversions. */

import { parseGoFloat } from '../families/parse-go-float.ts'
import { QuantityError, quantityAsApproximateFloat } from '../schemas/quantity.ts'
import { parseRfc3339, TimestampError, zeroTimeSeconds } from '../schemas/timestamps.ts'

/** The number that a value stands for; undefined where it stands for none. null stands for none. */
export function toNumber(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return value
    case 'bigint':
      return Number(value)
    case 'boolean':
      return value ? 1 : 0
    case 'string':
      return textToNumber(value)
    default:
      return undefined
  }
}

const words = new Map([
  ['true', 1],
  ['yes', 1],
  ['false', 0],
  ['no', 0],
  ['unknown', 0],
])

/** No word is longer. */
const longestWord = 7

function textToNumber(text: string): number | undefined {
  if (text.length <= longestWord) {
    const word = words.get(text.toLowerCase())
    if (word !== undefined) return word
  }
  return timeToNumber(text) ?? quantityOrPercent(text) ?? parseGoFloat(text)
}

/** Unix seconds of an RFC 3339 time. */
export function timeToNumber(text: string): number | undefined {
  // Every such time has a hyphen behind the year: failing costs a thrown error.
  if (text.charCodeAt(4) !== 45) return undefined
  try {
    return parseRfc3339(text) ?? zeroTimeSeconds
  } catch (error) {
    if (error instanceof TimestampError) return undefined
    throw error
  }
}

/** A quantity before a percentage. No quantity ends with a percent sign, and failing costs a thrown error. */
function quantityOrPercent(text: string): number | undefined {
  return text.endsWith('%') ? percentToNumber(text) : quantityToNumber(text)
}

/** A quantity such as `25m` or `5Gi`. */
export function quantityToNumber(text: string): number | undefined {
  try {
    return quantityAsApproximateFloat(text)
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

/** A whole percentage without a sign, as a fraction of 1. */
export function percentToNumber(text: string): number | undefined {
  return /^[0-9]+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined
}
