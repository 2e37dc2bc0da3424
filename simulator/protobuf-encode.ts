/**
 * Encodes API objects to protobuf like a Go server, from their JSON form and a schema. Only the fields of the schema are
 * encoded.
 */

import type { Field, FieldType, Schema } from '../src/schemas/schema.ts'
import { parseMicroTime, parseRfc3339 } from '../src/schemas/timestamps.ts'
import type { ProtobufSink } from './protobuf-sink.ts'
import {
  bytesOf,
  createProtobufSink,
  prependBytes,
  prependLengthField,
  prependText,
  prependVarintField,
} from './protobuf-sink.ts'

/** An object as returned by JSON.parse. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * The message of an object, without envelope. As in Go, plain scalars and structs are always written, pointers only when
 * set, maps sorted by key, and the zero time as an empty message. Integers may be bigint. Throws for an invalid time.
 */
export function encodeProtobuf(schema: Schema, object: JsonObject): Buffer {
  const sink = createProtobufSink()
  prependMessage(sink, schema, object)
  return bytesOf(sink)
}

interface Part {
  readonly number: number
  prepend(sink: ProtobufSink, object: JsonObject): void
}

const partsOfSchemas = new WeakMap<Schema, readonly Part[]>()

/** The fields of a message in descending order; the fields of an embedded struct form one part. */
function partsOf(schema: Schema): readonly Part[] {
  const known = partsOfSchemas.get(schema)
  if (known) return known
  const own: Part[] = []
  const embedded = new Map<number, Part[]>()
  for (const [name, field] of Object.entries(schema.fields)) {
    const part = {
      number: field.number,
      prepend: (sink: ProtobufSink, o: JsonObject) => prependField(sink, field, o[name]),
    }
    if (field.within === undefined) own.push(part)
    else embedded.set(field.within, [...(embedded.get(field.within) ?? []), part])
  }
  for (const [number, group] of embedded) {
    const parts = descending(group)
    own.push({ number, prepend: (sink, o) => prependLengthField(sink, number, () => prependParts(sink, parts, o)) })
  }
  const parts = descending(own)
  partsOfSchemas.set(schema, parts)
  return parts
}

const descending = (parts: readonly Part[]) => parts.toSorted((a, b) => b.number - a.number)

function prependParts(sink: ProtobufSink, parts: readonly Part[], object: JsonObject): void {
  for (const part of parts) part.prepend(sink, object)
}

function prependMessage(sink: ProtobufSink, schema: Schema, object: JsonObject): void {
  prependParts(sink, partsOf(schema), object)
}

function prependField(sink: ProtobufSink, field: Field, value: unknown): void {
  if (field.cardinality === 'list') {
    for (const element of ((value ?? []) as unknown[]).toReversed()) prependValue(sink, field, element)
  } else if (field.cardinality === 'map') prependMap(sink, field, (value ?? {}) as JsonObject)
  else if (field.cardinality === 'plain' || value != null) prependValue(sink, field, value)
}

function prependMap(sink: ProtobufSink, field: Field, entries: JsonObject): void {
  for (const key of Object.keys(entries).sort(byBytes).reverse()) {
    prependLengthField(sink, field.number, () => {
      prependValue(sink, { ...field, number: 2 }, entries[key])
      prependLengthField(sink, 1, () => prependText(sink, key))
    })
  }
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function prependValue(sink: ProtobufSink, field: Field, value: unknown): void {
  if (field.type === 'bool') prependVarintField(sink, field.number, value ? 1 : 0)
  else if (field.type === 'int' || field.type === 'exactInt') {
    prependVarintField(sink, field.number, BigInt((value ?? 0) as number | bigint | string))
  } else {
    const prepend = contents[field.type]
    prependLengthField(sink, field.number, () => prepend(sink, value, field))
  }
}

type PrependContent = (sink: ProtobufSink, value: unknown, field: Field) => void

/** The content after the length, for length-delimited types. Null and absent are the zero value. */
const contents: Readonly<Record<Exclude<FieldType, 'bool' | 'int' | 'exactInt'>, PrependContent>> = {
  string: (sink, value) => prependText(sink, String(value ?? '')),
  byteLength: (sink, value) => prependBytes(sink, Buffer.from(String(value ?? ''), 'base64')),
  quantity: (sink, value) => prependLengthField(sink, 1, () => prependText(sink, String(value ?? 0))),
  intOrString: (sink, value) => prependIntOrString(sink, (value ?? 0) as number | bigint | string),
  time: (sink, value) => prependTime(sink, value, parseRfc3339, 0),
  microTime: (sink, value) => prependTime(sink, value, parseMicroTime, nanosOf(value)),
  message: (sink, value, field) => prependMessage(sink, field.schema as Schema, (value ?? {}) as JsonObject),
}

function prependIntOrString(sink: ProtobufSink, value: number | bigint | string): void {
  const isText = typeof value === 'string'
  prependLengthField(sink, 3, () => prependText(sink, isText ? value : ''))
  prependVarintField(sink, 2, isText ? 0 : value)
  prependVarintField(sink, 1, isText ? 1 : 0)
}

function prependTime(
  sink: ProtobufSink,
  value: unknown,
  parse: (text: string) => number | undefined,
  nanos: number,
): void {
  if (value == null) return
  const seconds = parse(String(value))
  if (seconds === undefined) return
  prependVarintField(sink, 2, nanos)
  prependVarintField(sink, 1, seconds)
}

function nanosOf(value: unknown): number {
  const fraction = /\.(\d+)/.exec(String(value ?? ''))?.[1] ?? ''
  return Number(fraction.padEnd(9, '0').slice(0, 9))
}
