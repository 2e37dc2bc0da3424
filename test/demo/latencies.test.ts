/** Percentiles: exact in the window, rounded up to 10 ms in total. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLatencies, percentile } from '../../demo/latencies.ts'

test('a percentile is the nearest rank', () => {
  expect([0, 0.25, 0.5, 0.51, 0.99, 1].map((part) => percentile([1, 2, 3, 4], part))).toEqual([1, 1, 2, 3, 4, 4])
  expect(percentile([7], 0.5)).toBe(7)
  expect(() => percentile([], 0.5)).toThrow(RangeError)
})

test('an empty list has no percentiles', () => {
  const latencies = createLatencies()
  expect([latencies.recent(0), latencies.total()]).toEqual([undefined, undefined])
})

test('values older than the window are not recent, but count in the total', () => {
  const latencies = createLatencies(1000)
  latencies.add(0, 500)
  latencies.add(1500, 20)
  expect(latencies.recent(1600)).toEqual({ count: 1, p50Ms: 20, p99Ms: 20 })
  expect(latencies.total()).toEqual({ count: 2, p50Ms: 20, p99Ms: 500 })
  expect(latencies.recent(9000)).toBeUndefined()
})

test('total percentiles are exact up to rounding to 10 ms', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 300 }), (values) => {
      const latencies = createLatencies()
      for (const value of values) latencies.add(0, value)
      const sorted = values.toSorted((a, b) => a - b)
      const rounded = (part: number) => Math.ceil(percentile(sorted, part) / 10) * 10
      expect(latencies.total()).toEqual({ count: values.length, p50Ms: rounded(0.5), p99Ms: rounded(0.99) })
    }),
  )
})

test('latencies above ten minutes count as ten minutes', () => {
  const latencies = createLatencies()
  latencies.add(0, 3_600_000)
  expect(latencies.total()?.p99Ms).toBe(600_000)
})
