/** Limits by name: `pods=100000,*=50000`, or one number for every name. */
import type { Format, Reading } from './format.ts'
import { integer, isMapping, isScalar } from './format.ts'

/** Names to limits, 0 for none; `*` stands for every name that is not listed. */
export type NameLimits = ReadonlyMap<string, number>

const anyName = '*'
const limit = integer(0)
const expected =
  'a number of series for each, or names with numbers of series, such as pods=100000,*=50000; 0 is no limit'

/** A repeated flag adds names to the ones before. */
export const nameLimits: Format<NameLimits, Readonly<Record<string, number>>> = {
  placeholder: 'limits',
  accumulates: true,
  empty: { nullEmpties: true, mapNamesNothing: false },
  parse: (input) =>
    readEntries(
      input
        .split(',')
        .filter((part) => part.trim() !== '')
        .map((part) => {
          const at = part.lastIndexOf('=')
          return at < 0 ? [anyName, part] : [part.slice(0, at), part.slice(at + 1)]
        }),
    ),
  read(input) {
    if (isScalar(input)) return nameLimits.parse(String(input))
    return isMapping(input) ? readEntries(Object.entries(input)) : { expected }
  },
  write: (value) => Object.fromEntries(value),
  schema: {
    anyOf: [
      { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
      { type: 'integer', minimum: 0 },
      { type: 'string' },
    ],
  },
}

function readEntries(entries: readonly (readonly [name: string, limit: unknown])[]): Reading<NameLimits> {
  const value = new Map<string, number>()
  for (const [given, input] of entries) {
    const name = given.trim()
    const reading = limit.read(typeof input === 'string' ? input.trim() : input)
    if (name === '' || !('value' in reading)) return { expected }
    value.set(name, reading.value)
  }
  return { value }
}
