/**
 * Formats numbers like Go's shortest `%g`, as in the output of kube-state-metrics.
 */

/** The maximum length of a number: that of `-1.7976931348623157e+308`. */
export const maxGoFloatBytes = 24

const zeroByte = 48
const pointByte = 46
const minusByte = 45
const plusByte = 43
const exponentByte = 101

/**
 * The shortest decimal text that parses to `value`, with an exponent of at least two digits if the decimal exponent
 * is below -4 or at least 6. The special values are `NaN`, `+Inf` and `-Inf`; negative zero is `0`.
 */
export function formatGoFloat(value: number): string {
  if (value === 0) return '0'
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  const magnitude = Math.abs(value)
  // Between these bounds JavaScript also prints the same digits without exponent.
  if (magnitude < 1e6 && magnitude >= 1e-4) return String(value)
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e')
  const exponent = Math.abs(Number(exponentText))
  return `${mantissa}e${exponentText.charAt(0)}${exponent < 10 ? '0' : ''}${exponent}`
}

/**
 * Writes `formatGoFloat(value)` as ASCII at `offset` and returns the offset after it. `target` must have
 * `maxGoFloatBytes` bytes left. Integers below 2^53 (counts, Unix times, bytes) are written without a string.
 */
export function writeGoFloat(value: number, target: Uint8Array, offset: number): number {
  if (value >= 0 && value < 10) {
    const digit = value | 0
    if (digit === value) {
      target[offset] = zeroByte + digit
      return offset + 1
    }
  }
  if (!Number.isSafeInteger(value)) return writeAscii(formatGoFloat(value), target, offset)
  if (value < 0) {
    target[offset] = minusByte
    return writePositiveInteger(-value, target, offset + 1)
  }
  return writePositiveInteger(value, target, offset)
}

function writePositiveInteger(value: number, target: Uint8Array, offset: number): number {
  if (value < 1e6) return writeDigits(value, digitCount(value), target, offset)
  return writeScientific(value, target, offset)
}

/** Below 2^53 adjacent numbers differ by at most 1, so the shortest digits are all digits without trailing zeros. */
function writeScientific(value: number, target: Uint8Array, offset: number): number {
  // Two halves of at most 8 digits: divisions of small integers are much faster than those of doubles.
  const high = Math.floor(value / 1e8)
  const low = value - high * 1e8
  const highDigits = high === 0 ? 0 : digitCount(high)
  const count = high === 0 ? digitCount(low) : highDigits + 8
  // The digits are written one byte to the right; then the first one moves left to make room for the point.
  const start = offset + 1
  if (high !== 0) writeDigits(high, highDigits, target, start)
  writeDigits(low, count - highDigits, target, start + highDigits)
  let end = start + count
  while (target[end - 1] === zeroByte) end--
  target[offset] = target[start] ?? zeroByte
  target[start] = pointByte
  if (end === start + 1) end = start
  return writeExponent(count - 1, target, end)
}

/** Integers below 2^53 end at `e+15`, so the exponent always has two digits. */
function writeExponent(exponent: number, target: Uint8Array, offset: number): number {
  target[offset] = exponentByte
  target[offset + 1] = plusByte
  const tens = exponent < 10 ? 0 : 1
  target[offset + 2] = zeroByte + tens
  target[offset + 3] = zeroByte + exponent - tens * 10
  return offset + 4
}

/** Writes exactly `count` digits of `value` (below 10^9), with leading zeros where it has fewer. */
function writeDigits(value: number, count: number, target: Uint8Array, offset: number): number {
  let rest = value | 0
  for (let at = offset + count - 1; at >= offset; at--) {
    const quotient = (rest / 10) | 0
    target[at] = zeroByte + rest - quotient * 10
    rest = quotient
  }
  return offset + count
}

function digitCount(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : 4
  if (value < 1e6) return value < 1e5 ? 5 : 6
  return value < 1e7 ? 7 : value < 1e8 ? 8 : 9
}

function writeAscii(text: string, target: Uint8Array, offset: number): number {
  for (let index = 0; index < text.length; index++) target[offset + index] = text.charCodeAt(index)
  return offset + text.length
}
