/** Lists of names and patterns: comma-separated in flags, a list or a map of empty maps in files. */
import type { PatternTest } from '../../selection/metric-pattern.ts'
import { compileEcmaPattern, compileRe2Pattern } from '../../selection/metric-pattern.ts'
import type { Format, Reading } from './format.ts'
import { isMapping, isScalar, scalar } from './format.ts'

/** Returns what is expected if an item is invalid, or undefined. */
type ItemCheck = (item: string) => string | undefined

interface ListForm {
  /** How kube-state-metrics writes it in a file: `[a, b]` or `{a: {}, b: {}}`. Both are read. */
  readonly file: 'list' | 'map'
  readonly check?: ItemCheck
}

/** A list of names, or a map of them to empty maps. */
export type WrittenList = readonly string[] | Readonly<Record<string, object>>

/** Distinct items in the given order; surrounding blanks and empty items are removed. */
export function list(placeholder: string, form: ListForm): Format<readonly string[], WrittenList> {
  const finish = (items: readonly string[]) => readItems(items, form.check)
  return {
    placeholder,
    accumulates: true,
    empty: { nullEmpties: true, mapNamesNothing: form.file === 'map' },
    parse: (input) => finish(input.split(',')),
    read: (input) => {
      const items = itemsOf(input)
      return items === undefined ? { expected: 'a list of names' } : finish(items)
    },
    write: (items) => (form.file === 'list' ? [...items] : Object.fromEntries(items.map((item) => [item, {}]))),
    schema: {
      anyOf: [{ type: 'array', items: { type: ['string', 'number'] } }, { type: 'object' }, { type: 'string' }],
    },
  }
}

function itemsOf(input: unknown): readonly string[] | undefined {
  if (isScalar(input)) return String(input).split(',')
  if (Array.isArray(input)) return input.every(isScalar) ? input.map(String) : undefined
  return isMapping(input) ? Object.keys(input) : undefined
}

function readItems(items: readonly string[], check: ItemCheck | undefined): Reading<readonly string[]> {
  const value = [...new Set(items.map((item) => item.trim()).filter((item) => item !== ''))]
  const expected = check === undefined ? undefined : value.map(check).find((wrong) => wrong !== undefined)
  return expected === undefined ? { value } : { expected }
}

/** Metric names or ECMAScript patterns, for the allow and deny lists. */
export const ecmaPatterns = list('patterns', {
  file: 'map',
  check: (item) =>
    complaint(() => compileEcmaPattern(item), `metric names or ECMAScript regular expressions; "${item}" is neither`),
})

/** Metric names or RE2 patterns, for the opt-in list: no lookaheads, no back references. */
export const re2Patterns = list('patterns', {
  file: 'map',
  check: (item) =>
    complaint(() => compileRe2Pattern(item), `metric names or RE2 regular expressions; "${item}" is neither`),
})

/** One ECMAScript pattern, compiled; for options that are no part of the configuration. */
export const ecmaPattern: Format<PatternTest> = scalar(
  'pattern',
  'an ECMAScript regular expression',
  { type: 'string' },
  (input) => {
    try {
      return { value: compileEcmaPattern(input) }
    } catch (error) {
      return { expected: `an ECMAScript regular expression (${(error as Error).message})` }
    }
  },
)

function complaint(compile: () => unknown, expected: string): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    return `${expected} (${error instanceof Error ? error.message : String(error)})`
  }
}
