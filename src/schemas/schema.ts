/**
 * Owns the vocabulary in which the kinds of the Kubernetes API are written down: one schema per kind, from which the
 * TypeScript type is inferred and both decoders are compiled. Pure data: it decodes nothing.
 *
 * The object form mirrors Go's structs. A field that Go holds as a plain value is always there, with Go's zero value
 * (`''`, `0`, `false`, an empty list or map, a struct of zeros) when the wire leaves it out or says null. A field that
 * Go holds as a pointer is `undefined` when unset.
 */

/** What a field holds on the wire. */
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

/** How often: a plain value, a Go pointer, a repeated field or a map with string keys. */
export type Cardinality = 'plain' | 'pointer' | 'list' | 'map'

declare const objectType: unique symbol

/** One field of a message: its protobuf number and how Go holds it. `T` is what the decoders yield for it. */
export interface Field<out T = unknown> {
  readonly number: number
  readonly type: FieldType
  readonly cardinality: Cardinality
  /** The schema of a `message` field's value. */
  readonly schema?: Schema
  /** Protobuf alone wraps the field in a message of this number: Go embeds the struct, so JSON has no such level. */
  readonly within?: number
  readonly [objectType]?: T
}

/** A message: JSON field name to field. `T` is the object that decoders yield. */
export interface Schema<out T = unknown> {
  readonly fields: Readonly<Record<string, Field>>
  readonly [objectType]?: T
}

type FieldsObject<F extends Record<string, Field>> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** The object that decoders yield for a schema. */
export type ObjectOf<S> = S extends Schema<infer T> ? T : never

/** A message schema; its type is inferred from the fields. */
export function schema<const F extends Record<string, Field>>(fields: F): Schema<FieldsObject<F>> {
  return { fields }
}

const plain = <T>(type: FieldType, number: number): Field<T> => ({ number, type, cardinality: 'plain' })

/** A string; absent is `''`. */
export const string = (number: number): Field<string> => plain('string', number)
/** An int32 or int64 whose value ends in a sample, so float64 does; absent is 0. */
export const int = (number: number): Field<number> => plain('int', number)
/** An int64 that a label shows: all digits kept; absent is 0n. */
export const exactInt = (number: number): Field<bigint> => plain('exactInt', number)
/** A bool; absent is false. */
export const bool = (number: number): Field<boolean> => plain('bool', number)
/** A metav1.Time as whole Unix seconds, rounded towards the past; the zero time, null and absent are undefined. */
export const time = (number: number): Field<number | undefined> => plain('time', number)
/** A metav1.MicroTime, read like a time; its JSON form must carry exactly six decimals. */
export const microTime = (number: number): Field<number | undefined> => plain('microTime', number)
/** A resource.Quantity in its text form (see quantity.ts for its readings); absent, and null in a map, is `0`. */
export const quantity = (number: number): Field<string> => plain('quantity', number)
/** An intstr.IntOrString: a number or a string as the server holds it; absent is 0. */
export const intOrString = (number: number): Field<number | string> => plain('intOrString', number)
/** The length in bytes of a bytes field whose content nobody reads; absent is 0. */
export const byteLength = (number: number): Field<number> => plain('byteLength', number)

/** A struct held as a value: always there, of zeros when the wire has none. */
export function message<T>(number: number, of: Schema<T>): Field<T> {
  return { number, type: 'message', cardinality: 'plain', schema: of }
}

/** The same field behind a Go pointer: undefined when unset. */
export function pointer<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, cardinality: 'pointer' } as Field<T | undefined>
}

/** A repeated field of these; absent and null are the empty list. */
export function list<T>(field: Field<T>): Field<readonly T[]> {
  return { ...field, cardinality: 'list' } as Field<readonly T[]>
}

/** A map with string keys; its field gives the map's own number and the type of its values. */
export function map<T>(field: Field<T>): Field<ReadonlyMap<string, T>> {
  return { ...field, cardinality: 'map' } as Field<ReadonlyMap<string, T>>
}

/**
 * The fields of a struct that Go embeds, to be spread among the others: JSON has them side by side, protobuf in a
 * message of their own with this number.
 */
export function embedded<const F extends Record<string, Field>>(number: number, fields: F): F {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, within: number }])) as F
}
