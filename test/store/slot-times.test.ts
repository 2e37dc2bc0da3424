/** Times in four bytes: exact for 49 days before the latest one, however long the process runs. */
import { expect, test } from 'vitest'
import { createSlotTimes } from '../../src/store/slot-times.ts'

const day = 86_400_000

test.each([0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 400 * day])('times around %i ms are exact', (base) => {
  const times = createSlotTimes(4)
  times.set(0, base)
  times.set(1, base + 0.9)
  times.set(2, base + 49 * day)
  expect([0, 1, 2].map(times.get)).toEqual([base, base, base + 49 * day])
})

test('a time before the latest one is kept', () => {
  const times = createSlotTimes(2)
  times.set(0, 2 ** 32 + 100)
  times.set(1, 2 ** 32 - 100)
  expect([0, 1].map(times.get)).toEqual([2 ** 32 + 100, 2 ** 32 - 100])
})

test('growing keeps all times', () => {
  const times = createSlotTimes(1)
  times.set(0, 42)
  times.grow(3)
  times.set(2, 43)
  expect([times.get(0), times.get(2)]).toEqual([42, 43])
})
