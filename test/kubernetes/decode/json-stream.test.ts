import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../../src/kubernetes/decode/decode-error.ts'
import { createJsonListReader, createJsonWatchReader } from '../../../src/kubernetes/decode/json-stream.ts'
import { lastAppliedAnnotation } from '../../../src/kubernetes/decode/stream-forms.ts'
import { bytewise, readAll } from './byte-streams.ts'

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

  test('a broken line is skipped, the stream continues', () => {
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

test('an object of great depth with a long number is one error, in a list and in a watch', () => {
  const deep = `{"metadata":{"name":"deep"},"n":12345678901234567890,"v":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  const good = '{"metadata":{"name":"good"}}'
  const decode = (value: unknown) => (value as { metadata: { name: string } }).metadata.name
  const list = createJsonListReader({ decode })
  const read = [...list.read(Buffer.from(`{"kind":"KList","metadata":{},"items":[${good},${deep},${good}]}`))]
  expect(read).toEqual(['good', expect.any(DecodeError), 'good'])
  const watch = createJsonWatchReader({ decode })
  const lines = [good, deep, good].map((object) => `{"type":"ADDED","object":${object}}\n`).join('')
  expect([...watch.read(Buffer.from(lines))]).toMatchObject([
    { object: 'good' },
    expect.any(DecodeError),
    { object: 'good' },
  ])
})
