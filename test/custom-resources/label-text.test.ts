import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toLabelText } from '../../src/custom-resources/label-text.ts'
import { parseGoFloat } from '../../src/families/parse-go-float.ts'

describe('label values', () => {
  test.each([
    ['text', 'text'],
    ['', ''],
    [true, 'true'],
    [null, '<nil>'],
    [0, '0'],
    [-0, '0'],
    [42, '42'],
    [1e6, '1000000'],
    [9007199254740993n, '9007199254740993'],
    [-9223372036854775808n, '-9223372036854775808'],
    [9223372036854775808n, '9.223372036854776e+18'],
    [1e18, '1000000000000000000'],
    [2 ** 63, '9.223372036854776e+18'],
    [1e21, '1e+21'],
    [1234567.5, '1.2345675e+06'],
    [999999.5, '999999.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e-100, '1e-100'],
    [-2.5, '-2.5'],
    [[1, 2], '[1 2]'],
    [[], '[]'],
    [{}, 'map[]'],
    [{ b: 2, a: [true, null, { c: 'x y' }] }, 'map[a:[true <nil> map[c:x y]] b:2]'],
    [{ '\uff21': 1, '😀': 2, B: 3, a: 4 }, 'map[B:3 a:4 \uff21:1 😀:2]'],
  ])('case %#: %s', (value, text) => expect(toLabelText(value)).toBe(text))

  test('numbers read back as the same float', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = toLabelText(value)
        expect(parseGoFloat(text)).toBe(value === 0 ? 0 : value)
        const exponent = Number(/e([+-]\d\d+)$/.exec(text)?.[1] ?? 0)
        expect(exponent >= -4 && exponent < 6 ? exponent : 0).toBe(0)
      }),
      { numRuns: 2000 },
    )
  })
})
