/** Fast paths for common quantities. All others return NaN here and are parsed by quantity.ts. */

/** The number of digits at the start of the text. */
function countDigits(text: string): number {
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) break
    at++
  }
  return at
}

/** The first `count` characters, which must be digits, as a number. */
function readDigits(text: string, count: number): number {
  let value = 0
  for (let at = 0; at < count; at++) value = value * 10 + text.charCodeAt(at) - 48
  return value
}

/** Digits with or without a common suffix; NaN for any other text, and above 2^53. */
export function scanInteger(text: string): number {
  const count = countDigits(text)
  if (count === 0 || count > 15) return Number.NaN
  const factor = suffixFactor(text, count)
  if (factor === 1) return readDigits(text, count)
  const value = readDigits(text, count) * factor
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN
}

function suffixFactor(text: string, at: number): number {
  const length = text.length - at
  if (length === 0) return 1
  const isBinary = length === 2 && text.charCodeAt(at + 1) === 105
  if (length !== 1 && !isBinary) return Number.NaN
  switch (text.charCodeAt(at)) {
    case 75:
      return isBinary ? 2 ** 10 : Number.NaN
    case 77:
      return isBinary ? 2 ** 20 : 1e6
    case 71:
      return isBinary ? 2 ** 30 : 1e9
    case 84:
      return isBinary ? 2 ** 40 : 1e12
    case 107:
      return isBinary ? Number.NaN : 1e3
    default:
      return Number.NaN
  }
}

/** The digits of thousandths such as `250m`; NaN for any other text. */
export function scanThousandths(text: string): number {
  const count = text.length - 1
  if (count < 1 || count > 15 || text.charCodeAt(count) !== 109 || countDigits(text) !== count) return Number.NaN
  return readDigits(text, count)
}
