/** The memory of requests and slices: given back, it serves the next that fits. */
import { expect, test } from 'vitest'
import { createSpareBuffers } from '../../src/encoding/spare-buffers.ts'

const memoryOf = ({ buffer }: Buffer) => buffer

test('a buffer that was given back serves the next request that fits', () => {
  const { take, give } = createSpareBuffers()
  const first = take(300_000)
  expect(first.length).toBeGreaterThanOrEqual(300_000)
  give(first.subarray(0, 10))
  expect(memoryOf(take(290_000))).toBe(memoryOf(first))
})

test('no buffer serves two requests at a time', () => {
  const { take, give } = createSpareBuffers()
  const first = take(1000)
  give(first)
  const taken = [take(1000), take(1000), take(1000)].map(memoryOf)
  expect(new Set(taken).size).toBe(3)
})

test('a request that needs more gets more', () => {
  const { take, give } = createSpareBuffers()
  give(take(1000))
  expect(take(3_000_000).length).toBeGreaterThanOrEqual(3_000_000)
})

test('of several that were given back the largest is kept', () => {
  const { take, give } = createSpareBuffers()
  const [small, large] = [take(1000), take(3_000_000)]
  give(large)
  give(small)
  expect(memoryOf(take(1000))).toBe(memoryOf(large))
})

test('a buffer that is far too large for many requests in a row is given up', () => {
  const { take, give } = createSpareBuffers()
  const large = take(3_000_000)
  give(large)
  const sizes = Array.from({ length: 20 }, () => {
    const taken = take(1000)
    give(taken)
    return taken.length
  })
  expect(sizes[0]).toBe(large.length)
  expect(sizes.at(-1)).toBeLessThan(300_000)
})

test('a buffer that some requests need stays, also when most are small', () => {
  const { take, give } = createSpareBuffers()
  const large = take(3_000_000)
  give(large)
  for (let i = 0; i < 50; i++) give(take(i % 10 === 0 ? 3_000_000 : 1000))
  expect(memoryOf(take(1000))).toBe(memoryOf(large))
})
