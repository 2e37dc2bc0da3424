/** Fields that are a number or a percentage, such as `maxSurge`. Malformed text is rejected. */

const percentPattern = /^[+-]?\d+%$/

/**
 * Returns a number unchanged, and a whole percentage (`25%`) of `total` rounded up or down to a whole number. Negative
 * values are allowed. Undefined for any other text, such as `7.5%`, `5` and words.
 */
export function scaledValue(value: number | string, total: number, round: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value
  if (!percentPattern.test(value)) return undefined
  const percent = BigInt(value.slice(0, -1).replace('+', ''))
  if (BigInt.asIntN(64, percent) !== percent) return undefined
  const scaled = (Number(percent) * total) / 100
  // Adding zero turns -0, the ceiling of small negative numbers, into 0.
  return (round === 'up' ? Math.ceil(scaled) : Math.floor(scaled)) + 0
}
