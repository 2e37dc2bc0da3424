import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toNumber } from '../../src/custom-resources/number-conversion.ts'

describe('sample values', () => {
  test.each([
    [1.5, 1.5],
    [9007199254740993n, 9007199254740992],
    [true, 1],
    [false, 0],
    [null, undefined],
    [undefined, undefined],
    [[1], undefined],
    [{ a: 1 }, undefined],
    ['TRUE', 1],
    ['Yes', 1],
    ['fAlse', 0],
    ['NO', 0],
    ['Unknown', 0],
    ['on', undefined],
    ['0001-01-01T00:00:00Z', -62135596800],
    ['1969-12-31T23:59:59.5Z', -1],
    ['2025-01-02T03:04:05+02:00', 1735779845],
    ['2025-02-30T00:00:00Z', undefined],
    ['2025-01-02', undefined],
    ['25m', 0.025],
    ['12.7', 12.700000000000001],
    ['5Gi', 5 * 2 ** 30],
    ['30%', 0.3],
    ['100000%', 1000],
    ['12.5%', undefined],
    ['-5%', undefined],
    ['%', undefined],
    ['1_000', 1000],
    ['0x10', undefined],
    ['', undefined],
    [' 5 ', undefined],
    ['-Inf', -Infinity],
    ['nan', Number.NaN],
    ['banana', undefined],
  ])('case %#: %s', (value, number) => expect(toNumber(value)).toBe(number))

  test('whole numbers in any JSON form are the same', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const expected = value === 0 ? 0 : value
        expect([value, BigInt(value), String(value)].map(toNumber)).toEqual([expected, expected, expected])
      }),
    )
  })

  test('times are whole seconds, rounded towards the past', () => {
    const range = { min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(toNumber(date.toISOString())).toBe(Math.floor(date.getTime() / 1000))
      }),
    )
  })

  test('no text is an error', () => {
    const pieces = fc.constantFrom('1', '0', '.', '-', '+', 'e', 'E', '_', '%', 'm', 'Ki', 'T', ':', 'Z', 'n', ' ', 'x')
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const number = toNumber(text)
        expect(number === undefined || typeof number === 'number').toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
