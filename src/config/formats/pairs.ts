/** Name-value pairs, `a=b,c=d`: request headers and constant labels. */
import type { Format, Reading } from './format.ts'
import { isMapping, isScalar } from './format.ts'

/** Names to values, in the given order; the last of equal names applies. */
export type Pairs = ReadonlyMap<string, string>

interface PairRules {
  /** The description of names and values in messages. */
  readonly what: string
  readonly name: RegExp
  readonly value: RegExp
  /** For headers: names are lower-cased, and text (not YAML) is percent-decoded, as in OpenTelemetry. */
  readonly header: boolean
}

function pairs(rules: PairRules): Format<Pairs, Readonly<Record<string, string>>> {
  return {
    placeholder: 'name=value,...',
    accumulates: true,
    parse: (input) => parsePairs(input, rules),
    read: (input) => {
      if (typeof input === 'string') return parsePairs(input, rules)
      if (!isMapping(input) || !Object.values(input).every(isScalar)) return { expected: `a map of ${rules.what}` }
      return collect(
        Object.entries(input).map(([name, value]) => [name, String(value)]),
        rules,
      )
    },
    write: (value) => Object.fromEntries(value),
    schema: {
      anyOf: [{ type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } }, { type: 'string' }],
    },
  }
}

/** Headers of each request: valid HTTP/2 names, except those reserved by gRPC. */
export const headers = pairs({
  what: 'header names to printable values, without those that begin with grpc- or end in -bin',
  name: /^(?!grpc-)(?!.*-bin$)[0-9a-z_.-]+$/,
  value: /^[\x20-\x7e]*$/,
  header: true,
})

/** Labels for every data point. Names that start with two underscores are reserved by Prometheus. */
export const constantLabels = pairs({
  what: 'label names (letters, digits, _, . and -, not beginning with a digit or __) to values',
  name: /^(?!__)[A-Za-z_][A-Za-z0-9_.-]*$/,
  value: /^/,
  header: false,
})

function parsePairs(input: string, rules: PairRules): Reading<Pairs> {
  const entries: [string, string][] = []
  for (const part of input.split(',').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=')
    const value = at < 0 ? undefined : decode(part.slice(at + 1).trim(), rules.header)
    if (value === undefined) return { expected: `name=value pairs, separated by commas: ${rules.what}` }
    entries.push([part.slice(0, at).trim(), value])
  }
  return collect(entries, rules)
}

function collect(entries: readonly (readonly [string, string])[], rules: PairRules): Reading<Pairs> {
  const value = new Map<string, string>()
  for (const [given, content] of entries) {
    const name = rules.header ? given.toLowerCase() : given
    if (!rules.name.test(name) || !rules.value.test(content)) return { expected: rules.what }
    value.set(name, content)
  }
  return { value }
}

function decode(value: string, percent: boolean): string | undefined {
  if (!percent) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
