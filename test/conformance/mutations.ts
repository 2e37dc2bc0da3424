/**
 * Mutates an object into others that an API server could have stored: fields are omitted, null, empty, repeated, or have
 * other values of their type. Types come from the schema; fields that it does not have are kept.
 */

import fc from 'fast-check'
import type { Field, FieldType, Schema } from '../../src/schemas/schema.ts'

/** An object as JSON has it, integers as bigint where they may be large. */
export type Json = Record<string, unknown>

const least64 = -(2n ** 63n)
const most64 = 2n ** 63n - 1n

const oddTexts = [
  '',
  ' ',
  'None',
  'True',
  'NoSuchState',
  'a"b\\c\nd',
  '\u0000\u0007\r\t',
  'naïve 🚢 日本語 \u2028',
  'x'.repeat(300),
  'toString',
  '__proto__',
  'constructor',
  '10%',
  '-7.5%',
  '1e400',
  '0x1F',
  '* * * * *',
  '61 25 * * *',
  '255.255.255.256',
  'fe80::1%eth0',
]
const texts = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 53n + 1n, least64, most64),
  fc.bigInt({ min: least64, max: most64 }),
)
/** A server refuses a quantity that does not parse. */
const quantities = fc.constantFrom(
  ...['0', '-1', '100m', '1n', '0.1u', '8Ei', '1e30', '-2Gi', '9223372036854775808', '.5Gi', '12E-1', '1E'],
  ...['1e-2147483648', '123456789012345678901234567890.123456789', `1${'0'.repeat(60)}`],
)
/** From the first second of year 1 to the last of 9999: Go's JSON has no others. */
const times = fc.oneof(
  fc.constantFrom(-62_135_596_800, -1, 0, 1, 4_294_967_296, 253_402_300_799),
  fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
)
const writeTime = (seconds: number, fraction: string) =>
  new Date(seconds * 1000).toISOString().replace('.000', fraction)

const scalars = {
  string: texts,
  int: int64,
  exactInt: int64,
  bool: fc.boolean(),
  time: times.map((seconds) => writeTime(seconds, '')),
  microTime: times.map((seconds) => writeTime(seconds, '.000000')),
  quantity: quantities,
  intOrString: fc.oneof(texts, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(BigInt)),
  byteLength: fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes).toString('base64')),
} satisfies Record<Exclude<FieldType, 'message'>, fc.Arbitrary<unknown>>

/** One field of one message in an object. */
interface Place {
  readonly parent: Json
  readonly name: string
  readonly field: Field
}

const ways = ['drop', 'null', 'empty', 'replace', 'double', 'nullElement'] as const

/** What to change: a place (modulo the number there are), how, and a value for whichever type is found there. */
const mutation = fc.record({
  place: fc.nat(10_000),
  way: fc.constantFrom(...ways),
  values: fc.record(scalars),
  key: texts,
})
export type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

/** Some changes, to be made one after the other. */
export const mutations = fc.array(mutation, { minLength: 1, maxLength: 8 })

/** A copy of the object with all changes. */
export function mutate(schema: Schema, object: Json, changes: readonly Mutation[]): Json {
  const copy = structuredClone(object)
  for (const change of changes) {
    const places = placesIn(schema, copy)
    const place = places[change.place % places.length] as Place
    const value = changed(place, change)
    if (value === undefined) delete place.parent[place.name]
    else place.parent[place.name] = value
  }
  return copy
}

function changed({ parent, name, field }: Place, { way, values, key }: Mutation): unknown {
  const single = field.type === 'message' ? {} : values[field.type]
  const isMap = field.cardinality === 'map'
  const isList = field.cardinality === 'list'
  const now = parent[name]
  switch (way) {
    case 'drop':
      return undefined
    case 'null':
      return null
    case 'empty':
      return isMap || field.type === 'message' ? (isList ? [] : {}) : isList ? [] : field.type === 'string' ? '' : null
    case 'double':
      return Array.isArray(now) ? [...now, ...now] : now
    case 'nullElement':
      if (isList) return [null, ...((now ?? []) as unknown[]), null]
      return isMap ? Object.fromEntries([...Object.entries(now ?? {}), [key, null]]) : now
    default:
      if (isList) return [single, single]
      return isMap ? Object.fromEntries([...Object.entries(now ?? {}), [key, single]]) : single
  }
}

/** Every field of every message that the object has, there or not. */
function placesIn(schema: Schema, message: Json): Place[] {
  return Object.entries(schema.fields).flatMap(([name, field]) => {
    const own = { parent: message, name, field }
    const value = message[name]
    if (field.schema === undefined || value == null) return [own]
    const inner = field.cardinality === 'list' ? (value as (Json | null)[]) : [value as Json]
    const of = field.schema
    return [own, ...inner.filter((element) => element !== null).flatMap((element) => placesIn(of, element as Json))]
  })
}
