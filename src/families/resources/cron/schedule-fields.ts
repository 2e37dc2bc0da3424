/**
 * Parses one of the five fields of a schedule: lists, ranges, steps and names, but not `L`, `W`, `#` and `H`.
 * Like the parser that KSM uses, it lets ranges wrap around in every field.
 */

/** The valid numbers of a field, both ends included, and their names. */
export interface FieldBounds {
  readonly min: number
  readonly max: number
  readonly names?: ReadonlyMap<string, number>
}

function numbered(words: string, first: number): ReadonlyMap<string, number> {
  return new Map(words.split(' ').map((word, index) => [word, first + index]))
}

export const minuteBounds: FieldBounds = { min: 0, max: 59 }
export const hourBounds: FieldBounds = { min: 0, max: 23 }
export const dayOfMonthBounds: FieldBounds = { min: 1, max: 31 }
export const monthBounds: FieldBounds = {
  min: 1,
  max: 12,
  names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1),
}
/** Sunday is 0 and 7; the caller maps 7 to 0. */
export const dayOfWeekBounds: FieldBounds = { min: 0, max: 7, names: numbered('sun mon tue wed thu fri sat', 0) }

/** The values that a field matches: none if it has only commas, undefined if it is malformed. */
export function parseField(text: string, bounds: FieldBounds): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const entry of text.split(',')) {
    if (entry === '') continue
    const entryValues = parseEntry(entry, bounds)
    if (entryValues === undefined) return undefined
    for (const value of entryValues) values.add(value)
  }
  return values
}

/** `*`, `5`, `1-5`, each with or without `/step`. */
function parseEntry(entry: string, bounds: FieldBounds): number[] | undefined {
  const [range = '', stepText, ...excess] = entry.split('/')
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  const ends = parseRange(range, bounds)
  if (excess.length > 0 || step === undefined || ends === undefined) return undefined
  const { start } = ends
  // With a step, a single number starts a range up to the highest value.
  const end = stepText !== undefined && !range.includes('-') ? bounds.max : ends.end
  if (start < bounds.min || end > bounds.max || step === 0) return undefined
  if (step > 1 && !fitsRange(step, start, end, bounds)) return undefined
  return stepThrough(start, end, step, bounds)
}

/** Text after a star is ignored. */
function parseRange(range: string, bounds: FieldBounds): { start: number; end: number } | undefined {
  const [low = '', high, ...excess] = range.split('-')
  if (low === '*' || low === '?') return { start: bounds.min, end: bounds.max }
  const start = parseNumberOrName(low, bounds)
  const end = high === undefined ? start : parseNumberOrName(high, bounds)
  return start === undefined || end === undefined || excess.length > 0 ? undefined : { start, end }
}

function rangeSize(start: number, end: number, bounds: FieldBounds): number {
  return start <= end ? end - start + 1 : bounds.max - start + 1 + (end - bounds.min + 1)
}

/** A wrapping range may start above the highest value; if it is empty for that reason, its size is unlimited. */
function fitsRange(step: number, start: number, end: number, bounds: FieldBounds): boolean {
  const size = rangeSize(start, end, bounds)
  return size < 0 || step < size
}

function stepThrough(start: number, end: number, step: number, bounds: FieldBounds): number[] {
  const span = bounds.max - bounds.min + 1
  const last = start <= end ? end : end + span
  const values: number[] = []
  for (let value = start; value <= last; value += step) {
    values.push(value > bounds.max ? ((value - bounds.min) % span) + bounds.min : value)
  }
  return values
}

function parseNumberOrName(text: string, bounds: FieldBounds): number | undefined {
  return bounds.names?.get(text.toLowerCase()) ?? parseNumber(text)
}

/** A non-negative 64-bit number with an optional sign. */
function parseNumber(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const number = BigInt(text.replace('+', ''))
  return number < 0n || number >= 2n ** 63n ? undefined : Number(number)
}
