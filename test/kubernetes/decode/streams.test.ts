import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ObjectMeta } from '../../../src/api/object-meta.ts'
import type { Schema } from '../../../src/api/schema.ts'
import { exactInt, message, schema } from '../../../src/api/schema.ts'
import { DecodeError } from '../../../src/kubernetes/decode/decode-error.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'
import { createJsonListReader, createJsonWatchReader } from '../../../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../../src/kubernetes/decode/protobuf-stream.ts'
import type { ListReader, WatchReader } from '../../../src/kubernetes/decode/stream-forms.ts'
import { lastAppliedAnnotation, Status } from '../../../src/kubernetes/decode/stream-forms.ts'
import type { JsonObject } from '../../../src/simulator/protobuf-encode.ts'
import { encodeProtobuf } from '../../../src/simulator/protobuf-encode.ts'
import { encodeEnvelope, encodeListMessage, encodeWatchFrame } from '../../../src/simulator/protobuf-envelope.ts'
import { objects, schemas } from './arbitrary-kinds.ts'

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

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => Uint8Array.from(bytes.subarray(sorted[i], end)))
}

const bytewise = (bytes: Uint8Array) =>
  cutAt(
    bytes,
    Array.from(bytes, (_, i) => i),
  )

function readAll<R>(reader: { read(chunk: Uint8Array): Iterable<R> }, chunks: readonly Uint8Array[]): R[] {
  return chunks.flatMap((chunk) => [...reader.read(chunk)])
}

/** JSON with every integer in full, as a Go server writes it. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, element]) => `${JSON.stringify(key)}:${jsonText(element)}`)
    .join(',')}}`
}

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

  test('a body that ends early is no list, wherever it ends', () => {
    const body = format.listBody([object, object])
    // Behind the list's own end a protobuf envelope says nothing more.
    const needed = format === json ? body.length : body.length - 4
    for (let end = 0; end < needed; end++) {
      const reader = format.list(false)
      readAll(reader, [body.subarray(0, end)])
      expect(() => reader.end(), `cut at ${end}`).toThrow(DecodeError)
    }
  })

  test('bookmarks say their resourceVersion and whether the initial events are over', () => {
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

describe('JSON lists', () => {
  const read = (text: string, elements: 'items' | 'rows' = 'items') => {
    const reader = createJsonListReader({ decode: (value) => value, elements })
    const values = readAll(reader, bytewise(Buffer.from(text)))
    return { values, end: reader.end() }
  }
  const items = '[{"metadata":{"name":"a"}} , {"spec":{"items":[{"items":[]}]}}\n]'
  const values = [{ metadata: { name: 'a' } }, { spec: { items: [{ items: [] }] } }]

  test.each([
    ['before', `{"kind":"XList","metadata":{"resourceVersion":"5"},"items":${items}}`],
    ['behind', `{"items":${items},"metadata":{"resourceVersion":"5"},"kind":"XList"}`],
    ['around, with spaces', `\n{ "kind" : "XList" , "items" : ${items} ,\t"metadata" : {"resourceVersion": "5"} }\n`],
    [
      'before, with keys that look alike',
      `{"kind":"XList","a\\"items":[1],"metadata":{"items":[{}],"resourceVersion":"5"},"items":${items}}`,
    ],
  ])('metadata %s the items', (_, text) => {
    expect(read(text)).toEqual({
      values,
      end: { kind: 'XList', metadata: expect.objectContaining({ resourceVersion: '5' }) },
    })
  })

  test('null items are no items', () => {
    expect(read('{"kind":"XList","metadata":{"resourceVersion":"5"},"items":null}').values).toEqual([])
  })

  test('managedFields of the metadata are dropped, a field of that name elsewhere is not', () => {
    const resource = {
      metadata: { name: 'a', managedFields: [{ x: '[' }] },
      spec: { a: 1, managedFields: [1], metadata: { b: 1, managedFields: [2] } },
    }
    const { metadata: _, ...kept } = resource
    expect(read(JSON.stringify({ kind: 'XList', metadata: {}, items: [resource] })).values).toEqual([
      { metadata: { name: 'a' }, ...kept },
    ])
    const spaced = JSON.stringify({ kind: 'XList', metadata: {}, items: [resource] }, null, 1)
    expect(read(spaced).values).toEqual([{ metadata: { name: 'a' }, ...kept }])
  })

  test('integers beyond 2^53 keep all digits; other numbers stay numbers', () => {
    const item =
      '{"a":9007199254740993,"b":[-9223372036854775808],"c":1234567890123456,"d":0.12345678901234567,"e":"9007199254740993","f":1e300}'
    expect(read(`{"kind":"XList","metadata":{},"items":[${item},{"a":1}]}`).values).toEqual([
      {
        a: 9007199254740993n,
        b: [-9223372036854775808n],
        c: 1234567890123456,
        d: 0.12345678901234567,
        e: '9007199254740993',
        f: 1e300,
      },
      { a: 1 },
    ])
  })

  test('the rows of a Table are its elements', () => {
    const managed = { name: 's', managedFields: [{}], annotations: { [lastAppliedAnnotation]: 'secret' } }
    const row = { cells: ['s', 'Opaque', 1], object: { kind: 'PartialObjectMetadata', metadata: managed } }
    const table = {
      kind: 'Table',
      metadata: { resourceVersion: '6' },
      columnDefinitions: [{ name: 'Name' }],
      rows: [row, row],
    }
    const { values, end } = read(JSON.stringify(table), 'rows')
    const read1 = {
      cells: row.cells,
      object: { kind: 'PartialObjectMetadata', metadata: { name: 's', annotations: {} } },
    }
    expect(values).toEqual([read1, read1])
    expect(end).toMatchObject({ kind: 'Table', metadata: { resourceVersion: '6' } })
  })

  test.each([
    ['{"kind":"Pod","metadata":{}}', 'expected a list, got Pod'],
    ['{"kind":"XList","metadata":{},"items":[null]}', 'items: expected a list of objects'],
    ['{"kind":"XList","metadata":{},"items":{}}', 'items: expected a list of objects'],
    ['<html>no</html>', 'expected JSON'],
    ['{"kind":"XList","metadata":{},"items":[]}}', 'expected JSON'],
  ])('%s is refused', (text, said) => {
    expect(() => read(text)).toThrow(DecodeError)
    expect(() => read(text)).toThrow(said)
  })

  test('a broken element costs itself only', () => {
    const { values } = read('{"kind":"XList","metadata":{},"items":[{"a":tru},{"a":1}]}')
    expect(values).toEqual([expect.any(DecodeError), { a: 1 }])
  })
})

describe('JSON watch streams', () => {
  const read = (text: string, elements: 'items' | 'rows' = 'items') =>
    readAll(createJsonWatchReader({ decode: (value) => value, elements }), bytewise(Buffer.from(text)))

  test('a broken line costs itself, the stream goes on', () => {
    expect(read('{"type":"ADDED","object":{"a":\n\n[]\n{"type":"ADDED","object":{"a":1}}\n')).toEqual([
      expect.any(DecodeError),
      expect.any(DecodeError),
      { type: 'ADDED', object: { a: 1 } },
    ])
  })

  test('integers beyond 2^53 keep all digits', () => {
    expect(read('{"type":"ADDED","object":{"a":9007199254740993}}\n')).toEqual([
      { type: 'ADDED', object: { a: 9007199254740993n } },
    ])
  })

  test('an event whose object is a Table is an event for each row', () => {
    const row = (name: string) => ({ cells: [name], object: { metadata: { name, managedFields: [{ '[': 1 }] } } })
    const event = { type: 'ADDED', object: { kind: 'Table', columnDefinitions: null, rows: [row('a'), row('b')] } }
    const end = { resourceVersion: '8', annotations: { 'k8s.io/initial-events-end': 'true' } }
    const bookmark = { type: 'BOOKMARK', object: { kind: 'Table', rows: [{ cells: [], object: { metadata: end } }] } }
    expect(read(`${JSON.stringify(event)}\n${JSON.stringify(bookmark)}\n`, 'rows')).toEqual([
      { type: 'ADDED', object: { cells: ['a'], object: { metadata: { name: 'a' } } } },
      { type: 'ADDED', object: { cells: ['b'], object: { metadata: { name: 'b' } } } },
      { type: 'BOOKMARK', resourceVersion: '8', initialEventsEnd: true },
    ])
  })
})
