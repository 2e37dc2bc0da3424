import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatGoFloat, maxGoFloatBytes, writeGoFloat } from '../../src/encoding/go-float.ts'

const casesFolder = new URL('../conformance/cases/', import.meta.url)

function written(value: number): string {
  const buffer = new Uint8Array(maxGoFloatBytes + 8).fill(0x23)
  const end = writeGoFloat(value, buffer, 4)
  expect(end - 4).toBeLessThanOrEqual(maxGoFloatBytes)
  expect([...buffer.subarray(0, 4)]).toEqual([0x23, 0x23, 0x23, 0x23])
  return new TextDecoder().decode(buffer.subarray(4, end))
}

/** Every sample value of the goldens, as printed. */
function goldenValues(): string[] {
  const files = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.prom'))
  const lines = files.flatMap((file) => readFileSync(new URL(file, casesFolder), 'utf8').split('\n'))
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(line.lastIndexOf(' ') + 1))
}

function readGoFloat(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text)
}

describe('Go float text', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [9, '9'],
    [10, '10'],
    [-1, '-1'],
    [99999, '99999'],
    [999999, '999999'],
    [-999999, '-999999'],
    [1e6, '1e+06'],
    [-1e6, '-1e+06'],
    [1000001, '1.000001e+06'],
    [1048576, '1.048576e+06'],
    [10000000, '1e+07'],
    [100000000, '1e+08'],
    [123456789, '1.23456789e+08'],
    [1741946400, '1.7419464e+09'],
    [1700000001, '1.700000001e+09'],
    [-62135596800, '-6.21355968e+10'],
    [1e15, '1e+15'],
    [9007199254740991, '9.007199254740991e+15'],
    [9007199254740993, '9.007199254740992e+15'],
    [9223372036854775807, '9.223372036854776e+18'],
    [1e21, '1e+21'],
    [1e22, '1e+22'],
    [0.5, '0.5'],
    [0.0001, '0.0001'],
    [0.00012, '0.00012'],
    [0.00001, '1e-05'],
    [1e-7, '1e-07'],
    [1e-9, '1e-09'],
    [0.00033299999999999996, '0.00033299999999999996'],
    [3.1415900000000003, '3.1415900000000003'],
    [999999.5, '999999.5'],
    [1234567.5, '1.2345675e+06'],
    [1e100, '1e+100'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [-Number.MAX_VALUE, '-1.7976931348623157e+308'],
    [Number.MIN_VALUE, '5e-324'],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ])('%d is %s', (value, text) => {
    expect(formatGoFloat(value)).toBe(text)
    expect(written(value)).toBe(text)
  })

  test('every value of the conformance cases survives reading and writing', () => {
    const values = goldenValues()
    expect(values.length).toBeGreaterThan(2000)
    for (const text of values) {
      expect(formatGoFloat(readGoFloat(text))).toBe(text)
      expect(written(readGoFloat(text))).toBe(text)
    }
  })

  test('reads back as the same number, and both forms agree', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.maxSafeInteger(),
      fc.integer(),
      fc.integer({ min: 0, max: 308 }).map((exponent) => 10 ** exponent),
    )
    fc.assert(
      fc.property(numbers, (value) => {
        const text = formatGoFloat(value)
        expect(written(value)).toBe(text)
        expect(readGoFloat(text)).toBe(value === 0 ? 0 : value)
      }),
      { numRuns: 5000 },
    )
  })

  test('plain below a million, an exponent of two digits or more from there', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const magnitude = Math.abs(value)
        const plain = magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6)
        expect(formatGoFloat(value)).toMatch(plain ? /^-?\d+(\.\d+)?$/ : /^-?\d(\.\d+)?e[+-]\d{2,3}$/)
      }),
    )
  })
})
