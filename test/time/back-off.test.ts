import { expect, test } from 'vitest'
import { backOffMs } from '../../src/time/back-off.ts'

const range = { firstMs: 500, longestMs: 30_000 }
const waits = (random: number) => [1, 2, 3, 6, 7, 8, 2000].map((failures) => backOffMs(failures, range, () => random))

test('waits double up to the longest, however many failures there were', () => {
  expect(waits(1)).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000, 30_000])
})

test('half of each wait is random', () => {
  expect(waits(0)).toEqual([250, 500, 1000, 8000, 15_000, 15_000, 15_000])
  expect(backOffMs(1, range, () => 0.5)).toBe(375)
})
