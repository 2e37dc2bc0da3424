/** Unused members are emptied before parsing; all others are as after a complete parse. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJsonListReader, createJsonWatchReader } from '../../../src/kubernetes/decode/json-stream.ts'

type Value = Readonly<Record<string, unknown>>

const decode = (value: unknown) => value as Value
const members = { spec: ['a', 'list'], status: undefined }

/** As a reader of members should yield it. */
function emptied(object: Value): Value {
  const emptyOf = (value: unknown) =>
    Array.isArray(value) ? [] : typeof value === 'object' && value !== null ? {} : value
  const part = ([key, value]: [string, unknown]): [string, unknown] => {
    if (key === 'metadata' || key === 'details' || key === 'status') return [key, value]
    if (key !== 'spec' || typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [key, key === 'spec' ? value : emptyOf(value)]
    }
    return [
      key,
      Object.fromEntries(
        Object.entries(value).map(([name, it]) => [name, members.spec.includes(name) ? it : emptyOf(it)]),
      ),
    ]
  }
  return Object.fromEntries(Object.entries(object).map(part))
}

/** Integers beyond 2^53 are bigint to the reader, and left out here. */
const safely = (_key: string, value: unknown) => (typeof value === 'number' && Math.abs(value) >= 2 ** 53 ? 1 : value)
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value), safely) as unknown)
const nested = fc.dictionary(fc.constantFrom('a', 'b', 'list', 'spec', 'status', 'metadata', 'x"y', ''), json, {
  maxKeys: 5,
})
const objects = fc.record(
  {
    spec: fc.oneof(nested, fc.array(nested, { maxLength: 3 }), json),
    status: fc.oneof(nested, json),
    data: fc.oneof(nested, fc.array(nested, { maxLength: 3 }), json),
    other: json,
  },
  { requiredKeys: [] },
)
const withMetadata = objects.map((object) => ({
  kind: 'Crane',
  metadata: { name: 'c', labels: { a: 'b' } },
  ...object,
}))

function chunksOf(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

describe('members that are not read', () => {
  test('are emptied in lists, whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(withMetadata, { maxLength: 4 }), fc.integer({ min: 1, max: 200 }), (items, size) => {
        const reader = createJsonListReader({ decode, members })
        const text = JSON.stringify({ kind: 'CraneList', apiVersion: 'v1', metadata: {}, items })
        const read = chunksOf(text, size).flatMap((chunk) => [...reader.read(chunk)])
        expect(read).toEqual(items.map(emptied))
      }),
      { numRuns: 500 },
    )
  })

  test('are emptied in watch events, those of a Status are not', () => {
    fc.assert(
      fc.property(fc.array(withMetadata, { maxLength: 4 }), fc.integer({ min: 1, max: 200 }), (all, size) => {
        const reader = createJsonWatchReader({ decode, members })
        const text = all.map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join('')
        const events = chunksOf(text, size).flatMap((chunk) => [...reader.read(chunk)])
        expect(events).toEqual(all.map((object) => ({ type: 'MODIFIED', object: emptied(object) })))
      }),
      { numRuns: 300 },
    )
    const details = { causes: [{ reason: 'ResourceVersionTooLarge', message: 'm' }], retryAfterSeconds: 3 }
    const status = { kind: 'Status', metadata: {}, status: 'Failure', details, code: 504 }
    const [event] = createJsonWatchReader({ decode, members }).read(
      Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`),
    )
    expect(event).toMatchObject({
      type: 'ERROR',
      status: { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    })
  })

  test('are kept in JSON that is formatted differently than by Go', () => {
    const item = { metadata: {}, data: { a: [1] } }
    const text = `{"kind": "CraneList", "metadata": {}, "items": [${JSON.stringify(item, undefined, 1)}]}`
    expect([...createJsonListReader({ decode, members }).read(Buffer.from(text))]).toEqual([item])
  })
})
