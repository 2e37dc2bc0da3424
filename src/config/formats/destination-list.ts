/** The list of destinations. Here it is only a list of maps: config/destinations.ts reads their keys, which have formats of their own. */
import { parse } from 'yaml'
import type { Setting } from '../setting.ts'
import type { Format, JsonSchema, Reading } from './format.ts'
import { isMapping } from './format.ts'

/** One destination as it is written. */
export type WrittenDestination = Readonly<Record<string, unknown>>

// biome-ignore lint/suspicious/noExplicitAny: a format both takes and gives values, so no narrower type covers all settings.
type Keys = Readonly<Record<string, Setting<any, any, any>>>

/** The form of a destination in a file; durations are texts such as `1m30s`. */
type WrittenBy<K extends Keys> = {
  readonly [N in keyof K]?: K[N] extends { format: { write(value: never): infer Written } } ? Written : never
}

type List = readonly WrittenDestination[]

const expected = 'a list of maps, each with a name and an endpoint'

/** The format for destinations with these keys. */
export function destinationList<K extends Keys>(keys: K): DestinationListFormat<K> {
  return {
    placeholder: 'yaml',
    accumulates: false,
    parse: parseList,
    read: (input) => (typeof input === 'string' ? parseList(input) : readList(input)),
    write: (value) => value as readonly WrittenBy<K>[],
    show: (value) => value.map((destination) => withoutSecrets(destination, keys)),
    schema: { type: 'array', items: schemaOf(keys) },
  }
}

type DestinationListFormat<K extends Keys> = Format<List, readonly WrittenBy<K>[]>

function parseList(input: string): Reading<List> {
  try {
    return readList(parse(input))
  } catch {
    return { expected: `${expected}, in YAML` }
  }
}

function readList(input: unknown): Reading<List> {
  if (input === null || input === undefined) return { value: [] }
  return Array.isArray(input) && input.every(isMapping) ? { value: input } : { expected }
}

function withoutSecrets(destination: WrittenDestination, keys: Keys): WrittenDestination {
  const hide = (key: string, value: unknown) => (keys[key]?.secret ? '(hidden)' : value)
  return Object.fromEntries(Object.entries(destination).map(([key, value]) => [key, hide(key, value)]))
}

function schemaOf(keys: Keys): JsonSchema {
  const properties = Object.entries(keys).map(([key, { doc, format }]) => [
    key,
    { description: doc, anyOf: [format.schema, { type: 'null' }] },
  ])
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: ['name', 'endpoint'],
    additionalProperties: false,
  }
}
