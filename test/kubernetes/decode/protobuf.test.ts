import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeProtobuf } from '../../../simulator/protobuf-encode.ts'
import { DecodeError } from '../../../src/kubernetes/decode/decode-error.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'
import { compileProtobufDecoder } from '../../../src/kubernetes/decode/protobuf.ts'
import {
  bool,
  byteLength,
  embedded,
  exactInt,
  int,
  intOrString,
  list,
  map,
  message,
  pointer,
  quantity,
  schema,
  string,
  time,
} from '../../../src/schemas/schema.ts'
import { kinds } from './arbitrary-kinds.ts'

test('any object of any schema reads the same from protobuf as from JSON', () => {
  fc.assert(
    fc.property(kinds, ({ schema, object }) => {
      const bytes = encodeProtobuf(schema, object)
      const fromProtobuf = compileProtobufDecoder(schema)(bytes, 0, bytes.length)
      expect(fromProtobuf).toStrictEqual(compileJsonDecoder(schema)(object))
    }),
    { numRuns: 300 },
  )
})

const Nested = schema({ name: string(1), count: pointer(int(2)) })
const Message = schema({
  name: string(1),
  number: int(2),
  exact: exactInt(3),
  flag: bool(4),
  at: time(5),
  later: pointer(time(6)),
  limits: map(quantity(7)),
  port: intOrString(8),
  nested: list(message(9, Nested)),
  size: byteLength(10),
  numbers: list(int(11)),
  maybe: pointer(message(12, Nested)),
  ...embedded(13, { inside: string(1), deep: list(message(2, Nested)) }),
  far: string(1000),
})
const decodeMessage = compileProtobufDecoder(Message)
const decode = (hex: string) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return decodeMessage(bytes, 0, bytes.length)
}

describe('bytes as Go writes them', () => {
  test('no bytes are the object of zeros', () => {
    expect(decode('')).toStrictEqual(compileJsonDecoder(Message)({}))
  })

  test.each([
    ['a negative int32 takes ten bytes', '10 ffffffffffffffffff01', { number: -1 }],
    ['the smallest int64', '18 80808080808080808001', { exact: -(2n ** 63n) }],
    ['the largest int64', '18 ffffffffffffffff7f', { exact: 2n ** 63n - 1n }],
    ['an int above 2^32', '10 8080808010', { number: 2 ** 32 }],
    ['a bool', '20 01', { flag: true }],
    ['a zero-length time is absent', '2a00 3200', { at: undefined, later: undefined }],
    ['the epoch is a time', '2a04 08001000 3204 08001000', { at: 0, later: 0 }],
    ['a time before the epoch', '2a0d 08ffffffffffffffffff01 1000', { at: -1 }],
    ['a quantity in a map', '3a0d 0a03637075 1206 0a0431303030', { limits: new Map([['cpu', '1000']]) }],
    ['an integer port', '4206 0800 1050 1a00', { port: 80 }],
    ['a named port', '4208 0801 1000 1a0268 69', { port: 'hi' }],
    ['packed and single integers', '5803 5a03 01ac02 5804', { numbers: [3, 1, 300, 4] }],
    ['a pointer to an empty message is set', '6200', { maybe: { name: '', count: undefined } }],
    ['a pointer to zero is set', '4a02 1000', { nested: [{ name: '', count: 0 }] }],
    ['bytes are measured only', '52 03 00ff80', { size: 3 }],
    ['an embedded struct', '6a09 0a0161 1204 0a026263', { inside: 'a', deep: [{ name: 'bc', count: undefined }] }],
    ['a two-byte tag', 'c23e 01 78', { far: 'x' }],
    ['text in UTF-8', '0a04 f09f9880', { name: '\u{1F600}' }],
    ['a map key without value', '3a03 0a0161', { limits: new Map([['a', '0']]) }],
  ])('%s', (_, hex, expected) => {
    expect(decode(hex)).toMatchObject(expected)
  })

  test('unknown fields of every wire type are skipped', () => {
    const unknown = 'a006 ffffffffffffffffff01 a106 0000000000000000 a206 02 ffff a506 00000000'
    expect(decode(`${unknown} 0a0161 ${unknown}`)).toMatchObject({ name: 'a' })
  })
})

describe('malformed bytes', () => {
  test.each([
    ['a length beyond the end', '0a05 6162'],
    ['a length at the very end', '0a'],
    ['a varint cut off', '10 ff'],
    ['a missing varint', '10'],
    ['a tag cut off', 'c2'],
    ['a nested length beyond its parent', '4a02 0a05 6162636465'],
    ['a varint of eleven bytes', '10 ffffffffffffffffffff01'],
    ['a known field of another wire type', '0801'],
    ['field number zero', '0201 61'],
    ['a group', 'a306'],
    ['an unknown field cut off', 'a106 0000'],
    ['an unknown length cut off', 'a206 05 00'],
    ['a quantity cut off', '3a08 0a03637075 1202 0a04'],
  ])('%s is a DecodeError', (_, hex) => {
    expect(() => decode(hex)).toThrow(DecodeError)
  })

  test('for any bytes the decoder returns an object or throws a DecodeError, and never reads past the end', () => {
    const bytesOfObjects = kinds.map(({ schema, object }) => ({ schema, bytes: encodeProtobuf(schema, object) }))
    fc.assert(
      fc.property(bytesOfObjects, fc.nat(), fc.nat(255), ({ schema, bytes }, at, byte) => {
        const broken = Buffer.from(bytes)
        if (broken.length > 0) broken[at % broken.length] = byte
        const cut = Buffer.concat([broken.subarray(0, at % (broken.length + 1))])
        const decodeBroken = compileProtobufDecoder(schema)
        for (const input of [broken, cut]) {
          const outcome = attempt(() => decodeBroken(input, 0, input.length))
          const surrounded = Buffer.concat([Buffer.alloc(3, 0xff), input, Buffer.alloc(20, 1)])
          expect(attempt(() => decodeBroken(surrounded, 3, 3 + input.length)).object).toStrictEqual(outcome.object)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function attempt(decodeIt: () => unknown): { object?: unknown } {
  try {
    return { object: decodeIt() }
  } catch (failure) {
    if (failure instanceof DecodeError) return {}
    throw failure
  }
}

test('a schema with two fields of one number is refused', () => {
  expect(() => compileProtobufDecoder(schema({ a: string(1), b: int(1) }))).toThrow('two fields of number 1')
})

test('an object of any length is written and read', () => {
  const object = { name: 'é'.repeat(70_000), nested: Array.from({ length: 3000 }, (_, i) => ({ name: `n${i}` })) }
  const bytes = encodeProtobuf(Message, object)
  expect(decodeMessage(bytes, 0, bytes.length)).toStrictEqual(compileJsonDecoder(Message)(object))
})
