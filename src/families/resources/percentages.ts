/** Kubernetes' "number or percentage" fields: owns their scaling, and refuses to guess at malformed text. */

const percentPattern = /^[+-]?\d+%$/

/**
 * A number as it is, a whole percentage (`25%`) of `total` rounded up or down to a whole number. Undefined for other
 * text: `7.5%`, `5` and words. Negative ones pass through.
 */
export function scaledValue(value: number | string, total: number, round: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value
  if (!percentPattern.test(value)) return undefined
  const percent = BigInt(value.slice(0, -1).replace('+', ''))
  if (BigInt.asIntN(64, percent) !== percent) return undefined
  const scaled = (Number(percent) * total) / 100
  // Adding zero makes -0, the ceiling of small negative numbers, a plain zero.
  return (round === 'up' ? Math.ceil(scaled) : Math.floor(scaled)) + 0
}
