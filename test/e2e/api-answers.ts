/** The parts of an API server's response that clients rely on, by which two servers are compared. */

import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'vitest'
import { decodeEnveloped, openEnvelope } from '../../src/kubernetes/decode/envelope.ts'
import { compileProtobufDecoder } from '../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../src/kubernetes/decode/protobuf-stream.ts'
import { MetadataOnly, Status } from '../../src/kubernetes/decode/stream-forms.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

// biome-ignore lint/suspicious/noExplicitAny: responses are read without their types
type Json = any

const decode = compileProtobufDecoder(MetadataOnly)
const decodeStatus = compileProtobufDecoder(Status)

const isProtobuf = ({ headers }: Answer) => headers['content-type']?.startsWith('application/vnd.kubernetes.protobuf')
const headersOf = ({ headers }: Answer) => ({
  type: headers['content-type'],
  cache: headers['cache-control'],
  retryAfter: headers['retry-after'],
})

/** A list or object: its kind, the list metadata that it has, its objects in order with the keys that are always present. */
export function listForm(answer: Answer): unknown {
  expect(answer.status, answer.body.toString()).toBe(200)
  return { ...headersOf(answer), body: isProtobuf(answer) ? protobufForm(answer.body) : jsonForm(parse(answer)) }
}

const parse = ({ body }: Answer): Json => JSON.parse(body.toString())

function protobufForm(body: Buffer): unknown {
  const { apiVersion, kind } = openEnvelope(body, { start: 0, end: body.length })
  if (!kind.endsWith('List')) return { apiVersion, kind, name: decodeEnveloped(body, decode).object.metadata.name }
  const reader = createProtobufListReader({ decode })
  const names = [...reader.read(body)].map((object) => ('metadata' in object ? object.metadata.name : object.message))
  const { metadata } = reader.end()
  const { continue: token, remainingItemCount, resourceVersion } = metadata ?? {}
  return { apiVersion, kind, names, remainingItemCount, hasToken: token !== '', hasVersion: resourceVersion !== '' }
}

/** The form of a list, a Table or an object in JSON. */
function jsonForm(body: Json): unknown {
  const { kind, apiVersion, metadata } = body
  const own = { kind, apiVersion, remainingItemCount: metadata.remainingItemCount, metadata: metadataKeys(metadata) }
  if (body.columnDefinitions !== undefined) return { ...own, table: tableForm(body) }
  if (body.items !== undefined) return { ...own, items: body.items.map(objectForm) }
  return objectForm(body)
}

/** Keys that both servers write; only the real one writes managedFields. */
const metadataKeys = (metadata: Json) =>
  Object.keys(metadata)
    .filter((key) => key !== 'managedFields' && key !== 'generation' && key !== 'finalizers')
    .sort()

function objectForm({ kind, apiVersion, metadata, ...rest }: Json): unknown {
  const parts = ['spec', 'status', 'data', 'type'].filter((key) => rest[key] !== undefined)
  const isBookmark = metadata.name === undefined
  return {
    kind,
    apiVersion,
    name: metadata.name,
    keys: metadataKeys(metadata),
    parts: isBookmark ? [] : parts.filter((it) => it !== 'status'),
  }
}

function tableForm({ columnDefinitions, rows }: Json): unknown {
  const columns = columnDefinitions?.map(({ name, type, format, priority }: Json) => ({ name, type, format, priority }))
  const rowForm = ({ cells, object }: Json) => ({
    cells: cells.map((cell: unknown) => (/^\d+[smhd]/.test(String(cell)) ? 'age' : cell)),
    object: object && objectForm(object),
  })
  return { columns: columns ?? null, rows: rows.map(rowForm) }
}

/** The events of an ended watch, in order. */
export function watchForm(answer: Answer): unknown {
  expect(answer.status, answer.body.toString()).toBe(200)
  const events = isProtobuf(answer) ? protobufEvents(answer.body) : jsonEvents(answer.body)
  return { ...headersOf(answer), events }
}

function protobufEvents(body: Buffer): unknown[] {
  const reader = createProtobufWatchReader({ decode })
  return [...reader.read(body)].map((event) => {
    if (!('type' in event)) return event.message
    if (event.type === 'BOOKMARK') return `BOOKMARK ${event.initialEventsEnd}`
    return event.type === 'ERROR' ? event.status.reason : `${event.type} ${event.object.metadata.name}`
  })
}

function jsonEvents(body: Buffer): unknown[] {
  const lines = body.toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => eventForm(JSON.parse(line)))
}

function eventForm({ type, object }: Json): unknown {
  if (type === 'ERROR') return { type, ...statusForm(object) }
  const isEnd = JSON.stringify(object).includes('"k8s.io/initial-events-end":"true"')
  return { event: `${type} ${object.metadata.name ?? isEnd}`, form: jsonForm(object) }
}

/** A Status; its message is compared only for the reasons whose message clients show. */
export function errorForm(answer: Answer): unknown {
  const { body, status } = answer
  const found = isProtobuf(answer) ? protobufStatus(body) : statusForm(parse(answer))
  return { status, ...headersOf(answer), body: found }
}

const reasonsWithMessage = ['Forbidden', 'NotFound', 'Unauthorized', 'Invalid', 'Timeout', 'AlreadyExists']

function statusForm({ kind, apiVersion, metadata, status, message, reason, details, code }: Json) {
  const { causes, ...subject } = details ?? {}
  return {
    kind,
    apiVersion,
    status,
    reason,
    code,
    continue: metadata.continue !== undefined,
    message: reasonsWithMessage.includes(reason) ? message.replace(/current: \d+/, '') : undefined,
    subject,
    causes: causes?.map(({ reason: why, field }: Json) => ({ why, field })),
  }
}

function protobufStatus(body: Buffer): unknown {
  const { apiVersion, kind, object } = decodeEnveloped(body, decodeStatus)
  const { status, reason, code, details } = object
  return { apiVersion, kind, status, reason, code, retryAfterSeconds: details?.retryAfterSeconds ?? 0 }
}
