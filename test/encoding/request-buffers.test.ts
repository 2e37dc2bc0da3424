/** The memory of requests: given back, it serves the next request that fits. */
import { expect, test } from 'vitest'
import { createRequestBuffers } from '../../src/encoding/request-buffers.ts'

const memoryOf = ({ buffer }: Buffer) => buffer

test('a buffer that was given back serves the next request that fits', () => {
  const { take, give } = createRequestBuffers()
  const first = take(300_000)
  expect(first.length).toBeGreaterThanOrEqual(300_000)
  give(first.subarray(0, 10))
  expect(memoryOf(take(290_000))).toBe(memoryOf(first))
})

test('no buffer serves two requests at a time', () => {
  const { take, give } = createRequestBuffers()
  const first = take(1000)
  give(first)
  const taken = [take(1000), take(1000), take(1000)].map(memoryOf)
  expect(new Set(taken).size).toBe(3)
})

test('a request that needs more gets more', () => {
  const { take, give } = createRequestBuffers()
  give(take(1000))
  expect(take(3_000_000).length).toBeGreaterThanOrEqual(3_000_000)
})

test('of several that were given back the largest is kept', () => {
  const { take, give } = createRequestBuffers()
  const [small, large] = [take(1000), take(3_000_000)]
  give(large)
  give(small)
  expect(memoryOf(take(1000))).toBe(memoryOf(large))
})
