import { expect, test } from 'vitest'
import { parseGoFloat } from '../../src/families/parse-go-float.ts'

test.each([
  ['90125', 90125],
  ['-0.5', -0.5],
  ['.5', 0.5],
  ['5.', 5],
  ['+1e2', 100],
  ['1E-2', 0.01],
  ['12_5', 125],
  ['NaN', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])('%s is a number', (text, value) => {
  expect(parseGoFloat(text)).toBe(value)
})

test.each(['', '.', 'abc', ' 7', '7 ', '0x1F', '1__2', '_1', '1_', '1e', '1e400', '-1e400', '1n'])(
  '%j is none',
  (text) => {
    expect(parseGoFloat(text)).toBeUndefined()
  },
)
