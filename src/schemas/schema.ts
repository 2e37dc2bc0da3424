/**
 * The builders for schemas of Kubernetes kinds. The TypeScript type of a kind is inferred from its schema, and both
 * decoders (JSON and protobuf) are compiled from it. A schema is pure data.
 *
 * Decoded objects mirror Go's structs. A field that is a plain value in Go is always present, with Go's zero value
 * (`''`, `0`, `false`, an empty list or map, a struct of zeros) when it is absent or null in the input. A field that is a
 * pointer in Go is `undefined` when unset.
 */

/** The encoded type of a field. */
export type FieldType =
  | 'string'
  | 'int'
  | 'exactInt'
  | 'bool'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  | 'byteLength'
  | 'message'

/** A plain value, a Go pointer, a repeated field or a map with string keys. */
export type Cardinality = 'plain' | 'pointer' | 'list' | 'map'

declare const objectType: unique symbol

/** One field of a message: its protobuf number, type and cardinality. `T` is the type of the decoded value. */
export interface Field<out T = unknown> {
  readonly number: number
  readonly type: FieldType
  readonly cardinality: Cardinality
  /** The schema of a `message` field's value. */
  readonly schema?: Schema
  /** In protobuf, the field is inside a message of this number. Go embeds the struct, so JSON does not have this level. */
  readonly within?: number
  readonly [objectType]?: T
}

/** A message: JSON field name to field. `T` is the type of the decoded object. */
export interface Schema<out T = unknown> {
  readonly fields: Readonly<Record<string, Field>>
  /** The object also carries, as `raw`, the JSON value that it was read from: it is asked for as JSON, never as protobuf. */
  readonly raw?: true
  readonly [objectType]?: T
}

type FieldsObject<F extends Record<string, Field>> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** The type of the objects decoded with a schema. */
export type ObjectOf<S> = S extends Schema<infer T> ? T : never

/** A message schema; its type is inferred from the fields. */
export function schema<const F extends Record<string, Field>>(fields: F): Schema<FieldsObject<F>> {
  return { fields }
}

/** The same message, with the parsed JSON value in an additional field `raw`. */
export function withRaw<T>(of: Schema<T>): Schema<T & { readonly raw: unknown }> {
  return { ...of, raw: true } as Schema<T & { readonly raw: unknown }>
}

const plain = <T>(type: FieldType, number: number): Field<T> => ({ number, type, cardinality: 'plain' })

/** A string; absent is `''`. */
export const string = (number: number): Field<string> => plain('string', number)
/** An int32 or int64 that becomes a sample value, so float64 is enough; absent is 0. */
export const int = (number: number): Field<number> => plain('int', number)
/** An int64 that becomes a label value: all digits are kept; absent is 0n. */
export const exactInt = (number: number): Field<bigint> => plain('exactInt', number)
/** A bool; absent is false. */
export const bool = (number: number): Field<boolean> => plain('bool', number)
/** A metav1.Time as whole Unix seconds, rounded down; the zero time, null and absent are undefined. */
export const time = (number: number): Field<number | undefined> => plain('time', number)
/** A metav1.MicroTime, as whole Unix seconds like a time; its JSON form must have exactly six decimals. */
export const microTime = (number: number): Field<number | undefined> => plain('microTime', number)
/** A resource.Quantity as text (quantity.ts converts it to numbers); absent, and null in a map, is `0`. */
export const quantity = (number: number): Field<string> => plain('quantity', number)
/** An intstr.IntOrString: a number or a string; absent is 0. */
export const intOrString = (number: number): Field<number | string> => plain('intOrString', number)
/** The length in bytes of a bytes field whose content is not read; absent is 0. */
export const byteLength = (number: number): Field<number> => plain('byteLength', number)

/** A struct held as a value: always present, with zero values when absent. */
export function message<T>(number: number, of: Schema<T>): Field<T> {
  return { number, type: 'message', cardinality: 'plain', schema: of }
}

/** The same field as a Go pointer: undefined when unset. */
export function pointer<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, cardinality: 'pointer' } as Field<T | undefined>
}

/** A repeated field; absent and null are the empty list. */
export function list<T>(field: Field<T>): Field<readonly T[]> {
  return { ...field, cardinality: 'list' } as Field<readonly T[]>
}

/** A map with string keys; `field` has the number of the map and the type of its values. */
export function map<T>(field: Field<T>): Field<ReadonlyMap<string, T>> {
  return { ...field, cardinality: 'map' } as Field<ReadonlyMap<string, T>>
}

/**
 * The fields of a struct that Go embeds, to be spread into the containing message: in JSON they are at the same level,
 * in protobuf inside a message with this number.
 */
export function embedded<const F extends Record<string, Field>>(number: number, fields: F): F {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, within: number }])) as F
}
