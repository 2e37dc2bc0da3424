/** Encodes objects, lists and watch events in the negotiated form. */

import { ObjectMeta } from '../../src/schemas/object-meta.ts'
import type { Schema } from '../../src/schemas/schema.ts'
import { message, schema } from '../../src/schemas/schema.ts'
import { encodeProtobuf } from '../protobuf-encode.ts'
import type { ListMeta } from '../protobuf-envelope.ts'
import { encodeEnvelope, encodeListMessage, encodeWatchFrame } from '../protobuf-envelope.ts'
import type { Refusal } from './api-status.ts'
import { StatusSchema, statusObject } from './api-status.ts'
import { jsonBytes } from './json-text.ts'
import type { ApiObject, KindDefinition } from './kinds.ts'
import type { Encoding, Form } from './response-form.ts'
import type { IncludeObject } from './table-rows.ts'
import { columnDefinitions, partialMetadata, tableOf, tableRow } from './table-rows.ts'

/** A part of a body; `isItem` if it is one whole element of a list or one event. */
export interface Segment {
  readonly bytes: Uint8Array
  readonly isItem: boolean
}

export type ObjectEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** The encoder of one response. The columns of a Table are sent once per stream. */
export interface Encoder {
  object(object: ApiObject): Uint8Array
  list(metadata: ListMeta, objects: readonly ApiObject[]): Iterable<Segment>
  event(type: ObjectEventType, object: ApiObject): Uint8Array
  bookmark(resourceVersion: string, endsInitialEvents: boolean): Uint8Array
  error(refusal: Refusal): Uint8Array
}

const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' }
const PartialMetadata = schema({ metadata: message(1, ObjectMeta) })

/** The body of an error response. */
export function encodeStatus(refusal: Refusal, encoding: Encoding): Uint8Array {
  const status = statusObject(refusal)
  if (encoding === 'json') return Buffer.concat([jsonBytes(status), newline])
  return encodeEnvelope('v1', 'Status', encodeProtobuf(StatusSchema, status))
}

/** Creates the encoder of one response. `nowMs` is used for the ages in a Table. */
export function createEncoder(
  kind: KindDefinition,
  form: Form,
  include: IncludeObject = 'Metadata',
  nowMs = Date.now(),
): Encoder {
  if (form.encoding === 'protobuf') return protobufEncoder(kind, form)
  return form.shape === 'table' ? tableEncoder(kind, form, include, nowMs) : jsonEncoder(kind, form)
}

const newline = Buffer.from('\n')
const comma = Buffer.from(',')
const plain = (bytes: Uint8Array): Segment => ({ bytes, isItem: false })
const item = (bytes: Uint8Array): Segment => ({ bytes, isItem: true })
const line = (value: unknown): Uint8Array => Buffer.concat([jsonBytes(value), newline])
const errorLine = (refusal: Refusal) => line({ type: 'ERROR', object: statusObject(refusal) })

function bookmarkObject(kind: KindDefinition, resourceVersion: string, endsInitialEvents: boolean): ApiObject {
  const annotations = endsInitialEvents ? { annotations: initialEventsEnd } : {}
  const fields = kind.schema?.fields ?? {}
  return {
    metadata: { resourceVersion, ...annotations } as unknown as ApiObject['metadata'],
    // The fields of an empty object in Go: structs of zero values, and null lists.
    ...(fields.spec ? { spec: kind.plural === 'pods' ? { containers: null } : {} } : {}),
    ...(fields.status ? { status: {} } : {}),
  }
}

/** The body of a list in segments: `open` without its last two characters `]}`, the items, the end. */
function* jsonList(open: unknown, items: Iterable<unknown>): Iterable<Segment> {
  const text = jsonBytes(open)
  yield plain(text.subarray(0, -2))
  let isFirst = true
  for (const element of items) {
    const bytes = jsonBytes(element)
    yield item(isFirst ? bytes : Buffer.concat([comma, bytes]))
    isFirst = false
  }
  yield plain(Buffer.from(']}\n'))
}

function jsonEncoder(kind: KindDefinition, { shape, shapeVersion }: Form): Encoder {
  const isMetadata = shape === 'metadata'
  const typeMeta = { kind: kind.kind, apiVersion: kind.apiVersion }
  const whole = (object: ApiObject) =>
    isMetadata ? partialMetadata(object, shapeVersion) : { ...typeMeta, ...object, ...typeMeta }
  const element = (object: ApiObject) => (isMetadata || !kind.schema ? whole(object) : untyped(object))
  const listType = isMetadata
    ? { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${shapeVersion}` }
    : { kind: `${kind.kind}List`, apiVersion: kind.apiVersion }
  return {
    object: (object) => line(whole(object)),
    list: (metadata, objects) => jsonList({ ...listType, metadata, items: [] }, mapLazily(objects, element)),
    event: (type, object) => line({ type, object: whole(object) }),
    bookmark(resourceVersion, ends) {
      return line({ type: 'BOOKMARK', object: whole(bookmarkObject(kind, resourceVersion, ends)) })
    },
    error: errorLine,
  }
}

/** Go omits kind and apiVersion in the elements of typed lists. */
function untyped(object: ApiObject): Record<string, unknown> {
  if (object.kind === undefined) return object
  const { kind, apiVersion, ...rest } = object
  return rest
}

function* mapLazily<T, R>(values: readonly T[], map: (value: T) => R): Iterable<R> {
  for (const value of values) yield map(value)
}

function tableEncoder(
  kind: KindDefinition,
  { shapeVersion: version }: Form,
  include: IncludeObject,
  nowMs: number,
): Encoder {
  let columns: readonly unknown[] | null = columnDefinitions(kind)
  const row = (object: ApiObject) => tableRow(kind, object, include, nowMs, version)
  const single = (object: ApiObject) => {
    const table = tableOf(object.metadata.resourceVersion ?? '', columns, [row(object)], version)
    columns = null
    return table
  }
  return {
    object: (object) => line(single(object)),
    list(metadata, objects) {
      const { kind: name, apiVersion, columnDefinitions: definitions } = tableOf('', columns, [], version)
      const open = { kind: name, apiVersion, metadata, columnDefinitions: definitions, rows: [] }
      return jsonList(open, mapLazily(objects, row))
    },
    event: (type, object) => line({ type, object: single(object) }),
    bookmark(resourceVersion, ends) {
      return line({ type: 'BOOKMARK', object: single(bookmarkObject(kind, resourceVersion, ends)) })
    },
    error: errorLine,
  }
}

function protobufEncoder(kind: KindDefinition, { shape, shapeVersion }: Form): Encoder {
  const isMetadata = shape === 'metadata'
  const apiVersion = isMetadata ? `meta.k8s.io/${shapeVersion}` : kind.apiVersion
  const name = isMetadata ? 'PartialObjectMetadata' : kind.kind
  const objectSchema = (isMetadata ? PartialMetadata : kind.schema) as Schema
  const encode = (object: ApiObject) => encodeProtobuf(objectSchema, object)
  const envelope = (object: ApiObject) => encodeEnvelope(apiVersion, name, encode(object))
  return {
    object: envelope,
    list: (metadata, objects) => protobufList(apiVersion, `${name}List`, metadata, objects.map(encode)),
    event: (type, object) => encodeWatchFrame(type, envelope(object)),
    bookmark: (resourceVersion, ends) =>
      encodeWatchFrame('BOOKMARK', envelope(bookmarkObject(kind, resourceVersion, ends))),
    error: (refusal) => encodeWatchFrame('ERROR', encodeStatus(refusal, 'protobuf')),
  }
}

/** The items are followed by two empty fields of the envelope, two bytes each. */
const envelopeEndBytes = 4

function* protobufList(
  apiVersion: string,
  kind: string,
  metadata: ListMeta,
  items: readonly Uint8Array[],
): Iterable<Segment> {
  const whole = encodeEnvelope(apiVersion, kind, encodeListMessage(metadata, items))
  const itemBytes = items.map(({ length }) => 1 + varintBytes(length) + length)
  let position = whole.length - envelopeEndBytes - itemBytes.reduce((sum, bytes) => sum + bytes, 0)
  yield plain(whole.subarray(0, position))
  for (const bytes of itemBytes) {
    yield item(whole.subarray(position, position + bytes))
    position += bytes
  }
  yield plain(whole.subarray(position))
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}
