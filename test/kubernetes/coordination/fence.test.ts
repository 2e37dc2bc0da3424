import { expect, test } from 'vitest'
import { createFence } from '../../../src/kubernetes/coordination/fence.ts'

test('is closed until the first renewal, and again when that is too old on either clock', () => {
  let now = { monotonicMs: 0, bootMs: 50_000 }
  const fence = createFence(10_000, () => now)
  expect(fence.leftMs()).toBeLessThanOrEqual(0)
  fence.renewed(now)
  expect(fence.leftMs()).toBe(10_000)
  now = { monotonicMs: 4000, bootMs: 54_000 }
  expect(fence.leftMs()).toBe(6000)
  // Suspended for six seconds: the monotonic clock has not noticed.
  now = { monotonicMs: 4000, bootMs: 60_000 }
  expect(fence.leftMs()).toBe(0)
  fence.renewed(now)
  // A boot clock that stands still, as in some sandboxes.
  now = { monotonicMs: 14_000, bootMs: 60_000 }
  expect(fence.leftMs()).toBe(0)
})

test('the clocks of this machine advance', async () => {
  const { now } = createFence(10_000)
  const before = now()
  await new Promise((resolve) => setTimeout(resolve, 30))
  const after = now()
  expect(after.monotonicMs).toBeGreaterThan(before.monotonicMs)
  expect(after.bootMs).toBeGreaterThanOrEqual(before.bootMs)
  expect(after.bootMs).toBeGreaterThan(0)
})
