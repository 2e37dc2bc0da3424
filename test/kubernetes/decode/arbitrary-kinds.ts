/** Random schemas, and random objects of them as the JSON that an API server sends. */

import fc from 'fast-check'
import type { Cardinality, Field, FieldType, Schema } from '../../../src/schemas/schema.ts'

const scalarTypes: readonly Exclude<FieldType, 'message'>[] = [
  'string',
  'int',
  'exactInt',
  'bool',
  'time',
  'microTime',
  'quantity',
  'intOrString',
  'byteLength',
]

const fieldNumbers = fc.oneof(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 16, max: 5000 }))

function fields(depth: number): fc.Arbitrary<Field> {
  const type =
    depth === 0 ? fc.constantFrom<FieldType>(...scalarTypes) : fc.constantFrom<FieldType>(...scalarTypes, 'message')
  return fc
    .record({
      number: fieldNumbers,
      type,
      cardinality: fc.constantFrom<Cardinality>('plain', 'plain', 'pointer', 'list', 'map'),
      within: fc.option(fc.integer({ min: 6000, max: 6002 }), { nil: undefined, freq: 5 }),
    })
    .chain(({ within, ...field }) => {
      const placed = within === undefined ? serverLike(field) : { ...serverLike(field), within }
      return field.type === 'message'
        ? schemas(depth - 1).map((schema) => ({ ...placed, schema }))
        : fc.constant(placed)
    })
}

/** A server never leaves out a plain quantity: Go writes its zero value as "0" in both formats. No kind has one. */
function serverLike<F extends Pick<Field, 'type' | 'cardinality'>>(field: F): F {
  return field.type === 'quantity' && field.cardinality === 'plain' ? { ...field, cardinality: 'pointer' } : field
}

/** Schemas of up to 8 fields, with messages nested to the depth. */
export function schemas(depth: number): fc.Arbitrary<Schema> {
  return fc.uniqueArray(fields(depth), { maxLength: 8, selector: (field) => field.number }).map((list) => ({
    fields: Object.fromEntries(list.map((field, index) => [`field${index}`, field])),
  }))
}

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.constantFrom('app', 'Running'),
)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const seconds = fc.integer({ min: -2_000_000_000, max: 4_000_000_000 })
const rfc3339 = (at: number, fraction: string) => new Date(at * 1000).toISOString().replace('.000Z', `${fraction}Z`)

const singles: Readonly<Record<Exclude<FieldType, 'message'>, fc.Arbitrary<unknown>>> = {
  string: text,
  int: fc.maxSafeInteger(),
  exactInt: int64,
  bool: fc.boolean(),
  time: fc.oneof(
    seconds.map((at) => rfc3339(at, '')),
    fc.constant('0001-01-01T00:00:00Z'),
  ),
  microTime: fc
    .tuple(seconds, fc.integer({ min: 0, max: 999_999 }))
    .map(([at, micros]) => rfc3339(at, `.${String(micros).padStart(6, '0')}`)),
  quantity: fc.oneof(fc.constantFrom('0', '100m', '1Gi', '1e3'), fc.nat().map(String)),
  intOrString: fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), text),
  byteLength: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64')),
}

function values(field: Field): fc.Arbitrary<unknown> {
  const single = field.type === 'message' ? objects(field.schema as Schema) : singles[field.type]
  if (field.cardinality === 'list') return fc.array(single, { maxLength: 4 })
  if (field.cardinality === 'map') return fc.dictionary(text, single, { maxKeys: 4 })
  return single
}

/** Objects of the schema in their JSON form, some fields left out, some null, integers beyond 2^53 as bigint. */
export function objects(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  const arbitraries = Object.entries(schema.fields).map(([name, field]) => [
    name,
    fc.option(values(field), { freq: 8 }),
  ])
  return fc.record(Object.fromEntries(arbitraries), { requiredKeys: [] })
}

/** A schema together with an object of it. */
export const kinds = schemas(2).chain((schema) => objects(schema).map((object) => ({ schema, object })))
