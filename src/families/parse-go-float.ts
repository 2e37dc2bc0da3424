/** Parses numbers as Go's strconv.ParseFloat does, except hexadecimal ones, which are rejected. */

const digits = '\\d(?:_?\\d)*'
/** No digit can belong to two parts, so that a long text that is not a number is refused in linear time. */
const goFloat = new RegExp(`^[+-]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:[eE][+-]?${digits})?$`)
const goInfinity = /^[+-]?inf(?:inity)?$/i

/** A decimal number, with underscores between digits; `inf` and `nan` in any case. Undefined where Go would fail. */
export function parseGoFloat(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN
  if (goInfinity.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (!goFloat.test(text)) return undefined
  const value = Number(text.replaceAll('_', ''))
  return Number.isFinite(value) ? value : undefined
}
