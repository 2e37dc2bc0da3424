import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../simulator/protobuf-encode.ts'
import { encodeProtobuf } from '../../../simulator/protobuf-encode.ts'
import { encodeEnvelope, encodeListMessage, encodeWatchFrame } from '../../../simulator/protobuf-envelope.ts'
import { DecodeError } from '../../../src/kubernetes/decode/decode-error.ts'
import { decodeEnveloped } from '../../../src/kubernetes/decode/envelope.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'
import { createJsonListReader, createJsonWatchReader } from '../../../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../../src/kubernetes/decode/protobuf-stream.ts'
import type { ListReader, WatchReader } from '../../../src/kubernetes/decode/stream-forms.ts'
import { lastAppliedAnnotation, Status } from '../../../src/kubernetes/decode/stream-forms.ts'
import { ObjectMeta } from '../../../src/schemas/object-meta.ts'
import type { Schema } from '../../../src/schemas/schema.ts'
import { exactInt, message, schema } from '../../../src/schemas/schema.ts'
import { objects, schemas } from './arbitrary-kinds.ts'
import { bytewise, cutAt, jsonText, readAll } from './byte-streams.ts'

const Kind = schema({ metadata: message(1, ObjectMeta), exact: exactInt(9000) })
const decodeObject = compileJsonDecoder(Kind)

/** Leaves field 1 to the metadata. */
const fromNumberTwo = ({ fields }: Schema) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, number: field.number + 1 }]))

/** A kind with metadata and random other fields, and some objects of it. */
const kindsWithObjects = schemas(1)
  .map(
    (random): Schema<{ metadata: ObjectMeta; exact: bigint }> => ({
      fields: { ...fromNumberTwo(random), ...Kind.fields },
    }),
  )
  .chain((kind) => fc.tuple(fc.constant(kind), fc.array(objects(kind), { maxLength: 5 })))
const cuts = fc.array(fc.nat(), { maxLength: 12 })

const listMeta = { resourceVersion: '42', continue: 'token', remainingItemCount: 7 }
const readListMeta = { ...listMeta, shardInfo: undefined }

describe('chunks cut anywhere', () => {
  test('a list yields its objects, in both formats', () => {
    fc.assert(
      fc.property(kindsWithObjects, cuts, ([kind, items], places) => {
        const expected = items.map(compileJsonDecoder(kind))
        const json = Buffer.from(jsonText({ kind: 'ThingList', metadata: listMeta, items }))
        const message = encodeListMessage(
          listMeta,
          items.map((item) => encodeProtobuf(kind, item)),
        )
        for (const [reader, bytes] of [
          [createJsonListReader({ decode: compileJsonDecoder(kind) }), json],
          [
            createProtobufListReader({ decode: compileProtobufDecoder(kind) }),
            encodeEnvelope('v1', 'ThingList', message),
          ],
        ] as const) {
          expect(readAll<unknown>(reader, cutAt(bytes, places))).toStrictEqual(expected)
          expect(reader.end()).toStrictEqual({ kind: 'ThingList', metadata: readListMeta })
        }
      }),
    )
  })

  test('a watch stream yields its events, in both formats', () => {
    fc.assert(
      fc.property(kindsWithObjects, cuts, ([kind, items], places) => {
        const expected = items.map((item) => ({ type: 'MODIFIED', object: compileJsonDecoder(kind)(item) }))
        const json = items.map((object) => `${jsonText({ type: 'MODIFIED', object })}\n`).join('')
        const frames = items.map((item) =>
          encodeWatchFrame('MODIFIED', encodeEnvelope('v1', 'Thing', encodeProtobuf(kind, item))),
        )
        for (const [reader, bytes] of [
          [createJsonWatchReader({ decode: compileJsonDecoder(kind) }), Buffer.from(json)],
          [createProtobufWatchReader({ decode: compileProtobufDecoder(kind) }), Buffer.concat(frames)],
        ] as const) {
          expect(readAll<unknown>(reader, cutAt(bytes, places))).toStrictEqual(expected)
        }
      }),
    )
  })
})

const object = {
  metadata: {
    name: 'ünïcode \u{1F600}',
    labels: { tricky: '"managedFields":[{]}\\', '"': '\\"' },
    annotations: { [lastAppliedAnnotation]: '{"metadata":{"managedFields":[1]}}', kept: 'x' },
    managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:a]}"\\': {} } }, {}],
    uid: 'after',
  },
  exact: 9007199254740993n,
}
const withoutBulk = decodeObject({ ...object, metadata: { ...object.metadata, annotations: { kept: 'x' } } })

/** The readers of one format, fed with the objects of `Kind` in it. */
interface Format {
  readonly list: (keepLastApplied: boolean) => ListReader<unknown>
  readonly watch: () => WatchReader<unknown>
  readonly listBody: (items: readonly JsonObject[]) => Buffer
  readonly events: (type: string, of: JsonObject, kind?: Schema) => Buffer
  readonly statusBody: (status: JsonObject) => Buffer
}

const json: Format = {
  list: (keepLastApplied) => createJsonListReader({ decode: decodeObject, keepLastApplied }),
  watch: () => createJsonWatchReader({ decode: decodeObject }),
  listBody: (items) => Buffer.from(jsonText({ kind: 'ThingList', metadata: { resourceVersion: '1' }, items })),
  events: (type, of) => Buffer.from(`${jsonText({ type, object: of })}\n`),
  statusBody: (status) => Buffer.from(jsonText(status)),
}

const decodeKind = compileProtobufDecoder(Kind)
const protobuf: Format = {
  list: (keepLastApplied) => createProtobufListReader({ decode: decodeKind, keepLastApplied }),
  watch: () => createProtobufWatchReader({ decode: decodeKind }),
  listBody: (items) => {
    const message = encodeListMessage(
      { resourceVersion: '1' },
      items.map((item) => encodeProtobuf(Kind, item)),
    )
    return encodeEnvelope('v1', 'ThingList', message)
  },
  events: (type, of, kind = Kind) => encodeWatchFrame(type, encodeEnvelope('v1', 'Thing', encodeProtobuf(kind, of))),
  statusBody: (status) => encodeEnvelope('v1', 'Status', encodeProtobuf(Status, status)),
}

const gone = {
  kind: 'Status',
  status: 'Failure',
  message: 'too old',
  reason: 'Expired',
  code: 410,
  details: { retryAfterSeconds: 1 },
}
const readGone = {
  status: 'Failure',
  message: 'too old',
  reason: 'Expired',
  code: 410,
  details: { causes: [], retryAfterSeconds: 1 },
}

describe.each([
  ['JSON', json],
  ['protobuf', protobuf],
])('%s', (_, format) => {
  test('the last-applied annotation is dropped, all else is kept', () => {
    expect(readAll(format.list(false), bytewise(format.listBody([object, object])))).toStrictEqual([
      withoutBulk,
      withoutBulk,
    ])
    expect(readAll(format.watch(), bytewise(format.events('ADDED', object)))).toStrictEqual([
      { type: 'ADDED', object: withoutBulk },
    ])
  })

  test('the last-applied annotation is kept on request', () => {
    expect(readAll(format.list(true), [format.listBody([object])])).toStrictEqual([decodeObject(object)])
  })

  test('an empty list is a list', () => {
    const reader = format.list(false)
    expect(readAll(reader, bytewise(format.listBody([])))).toEqual([])
    expect(reader.end()).toMatchObject({ kind: 'ThingList', metadata: { resourceVersion: '1', continue: '' } })
  })

  test('a Status instead of a list is handed through', () => {
    const reader = format.list(false)
    expect(readAll(reader, bytewise(format.statusBody(gone)))).toEqual([])
    expect(reader.end()).toStrictEqual({ kind: 'Status', status: readGone })
  })

  test('a body that ends early is never a complete list', () => {
    const body = format.listBody([object, object])
    // Behind the list's own end a protobuf envelope says nothing more.
    const needed = format === json ? body.length : body.length - 4
    for (let end = 0; end < needed; end++) {
      const reader = format.list(false)
      readAll(reader, [body.subarray(0, end)])
      expect(() => reader.end(), `cut at ${end}`).toThrow(DecodeError)
    }
  })

  test('bookmarks have a resourceVersion and mark the end of the initial events', () => {
    const metadata = (annotations: Record<string, string>) => ({ metadata: { resourceVersion: '99', annotations } })
    const stream = [
      format.events('BOOKMARK', metadata({ 'k8s.io/initial-events-end': 'true' })),
      format.events('BOOKMARK', metadata({})),
    ]
    expect(readAll(format.watch(), bytewise(Buffer.concat(stream)))).toEqual([
      { type: 'BOOKMARK', resourceVersion: '99', initialEventsEnd: true },
      { type: 'BOOKMARK', resourceVersion: '99', initialEventsEnd: false },
    ])
  })

  test('an ERROR event carries its Status', () => {
    expect(readAll(format.watch(), bytewise(format.events('ERROR', gone, Status)))).toEqual([
      { type: 'ERROR', status: readGone },
    ])
  })

  test('an event of unknown type costs itself only', () => {
    const stream = Buffer.concat([format.events('RENAMED', object), format.events('DELETED', object)])
    expect(readAll(format.watch(), [stream])).toEqual([
      expect.any(DecodeError),
      { type: 'DELETED', object: withoutBulk },
    ])
  })

  test('a body of another format is refused', () => {
    const other = format === json ? protobuf : json
    expect(() => {
      const reader = format.list(false)
      readAll(reader, [other.listBody([object])])
      reader.end()
    }).toThrow(DecodeError)
  })
})

describe('broken framing', () => {
  test('a watch frame longer than any object ends the stream instead of filling the memory', () => {
    const reader = createProtobufWatchReader({ decode: decodeKind })
    expect(() => readAll(reader, [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1)])).toThrow(
      'a watch frame of 4294967295 bytes',
    )
  })

  test('an object of megabytes arrives in small chunks', () => {
    const large = { metadata: { name: 'x'.repeat(3_000_000) } }
    for (const format of [json, protobuf]) {
      const body = format.listBody([large, object])
      const chunks = Array.from({ length: Math.ceil(body.length / 5000) }, (_, i) =>
        body.subarray(i * 5000, (i + 1) * 5000),
      )
      expect(readAll(format.list(false), chunks)).toStrictEqual([decodeObject(large), withoutBulk])
    }
  })
})

test('a single object comes in an envelope', () => {
  const envelope = encodeEnvelope('example/v1', 'Thing', encodeProtobuf(Kind, object))
  expect(decodeEnveloped(envelope, decodeKind)).toStrictEqual({
    apiVersion: 'example/v1',
    kind: 'Thing',
    object: decodeObject(object),
  })
  expect(() => decodeEnveloped(envelope.subarray(1), decodeKind)).toThrow(DecodeError)
})
