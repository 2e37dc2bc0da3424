/** Readers of the values in a web configuration file. Every scalar arrives as the text that stands in the file. */

/** What is wrong with one key: `tls_server_config.cert_file`; an empty key is the file as a whole. */
export interface WebConfigProblem {
  readonly key: string
  readonly message: string
}

/** Notes a problem; the value then counts as unset. */
export type Report = (key: string, message: string) => undefined

/** Reads one value. Undefined means unset, or reported as wrong. */
export type Field<T> = (value: unknown, key: string, report: Report) => T | undefined

/** YAML's ways to write nothing. */
const nothing = new Set<unknown>([undefined, null, '', 'null', 'Null', 'NULL', '~'])

/** A scalar that `parse` understands; `expected` completes "expected …". */
export function scalar<T>(expected: string, parse: (text: string) => T | undefined): Field<T> {
  return (value, key, report) => {
    if (nothing.has(value)) return undefined
    const parsed = typeof value === 'string' ? parse(value) : undefined
    return parsed ?? report(key, `expected ${expected}`)
  }
}

export const text: Field<string> = scalar('text', (input) => input)

/** One of the words, mapped to its value. */
export function choice<T>(words: ReadonlyMap<string, T>): Field<T> {
  return scalar(`one of ${[...words.keys()].join(', ')}`, (input) => words.get(input))
}

/** The words of YAML 1.1 for true and false, as in the exporter-toolkit. */
export const boolean: Field<boolean> = scalar('true or false', (input) => {
  if (/^(true|yes|on|y)$/i.test(input)) return true
  return /^(false|no|off|n)$/i.test(input) ? false : undefined
})

export const wholeNumber: Field<number> = scalar('a whole number', (input) =>
  /^[+-]?\d{1,15}$/.test(input) ? Number(input) : undefined,
)

const unitMs: Readonly<Record<string, number>> = {
  h: 3.6e6,
  m: 6e4,
  s: 1e3,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

/** A duration in Go's notation, in milliseconds; a bare number is in nanoseconds, as in Go. */
export const duration: Field<number> = scalar('a duration with its unit, such as 1s or 250ms', (input) => {
  if (/^\d+$/.test(input)) return Number(input) * 1e-6
  if (!/^((\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns))+$/.test(input)) return undefined
  const parts = [...input.matchAll(/([\d.]+)([a-zµμ]+)/g)]
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit as string] as number), 0)
})

/** A list whose every entry is read by `field`. */
export function list<T>(field: Field<T>): Field<readonly T[]> {
  return (value, key, report) => {
    if (nothing.has(value)) return undefined
    if (!Array.isArray(value)) return report(key, 'expected a list')
    return value.flatMap((entry, index) => field(entry, `${key}[${index}]`, report) ?? [])
  }
}

/** A mapping from any name to a text. */
export const texts: Field<ReadonlyMap<string, string>> = (value, key, report) => {
  if (nothing.has(value)) return undefined
  if (!isMapping(value)) return report(key, 'expected a mapping')
  const entries = Object.entries(value).map(([name, entry]) => [name, text(entry, `${key}.${name}`, report)] as const)
  return new Map(entries.map(([name, entry]) => [name, entry ?? '']))
}

/** What a mapping of fields holds. */
type Contents<F> = { readonly [K in keyof F]: F[K] extends (...given: never[]) => infer T ? T : never }

type Fields = Readonly<Record<string, (value: unknown, key: string, report: Report) => unknown>>

/** A mapping of known keys. It is always there: without any of its values when it is unset or no mapping. */
export function mapping<F extends Fields>(fields: F): (value: unknown, key: string, report: Report) => Contents<F> {
  const names = Object.keys(fields)
  return (value, key, report) => {
    const prefix = key === '' ? '' : `${key}.`
    const given = isMapping(value) ? value : {}
    if (!isMapping(value) && !nothing.has(value)) report(key, `expected a mapping of ${names.join(', ')}`)
    for (const name of Object.keys(given)) {
      if (!names.includes(name)) report(`${prefix}${name}`, `expected a known key: ${names.join(', ')}`)
    }
    const read = names.map((name) => [name, fields[name]?.(given[name], `${prefix}${name}`, report)] as const)
    return Object.fromEntries(read) as Contents<F>
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
