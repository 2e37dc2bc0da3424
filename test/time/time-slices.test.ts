import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createTimeSlices } from '../../src/time/time-slices.ts'

/** Works through items that take a millisecond each, as readers of streams do. */
async function work(items: number, slices: ReturnType<typeof createTimeSlices>, spend: () => void): Promise<void> {
  for (let i = 0; i < items; i++) {
    if (slices.isSpent()) await slices.next()
    spend()
  }
}

it('yields to the event loop after each slice, however many work at the same time', async () => {
  let nowMs = 0
  let sinceYield = 0
  let longest = 0
  let isDone = false
  const slices = createTimeSlices({ now: () => nowMs, sliceMs: 5 })
  const spend = (): void => {
    nowMs += 1
    sinceYield += 1
    longest = Math.max(longest, sinceYield)
  }
  const everything = Promise.all([1, 2, 3, 4].map(() => work(50, slices, spend))).then(() => {
    isDone = true
  })
  while (!isDone) {
    await yieldToEventLoop()
    sinceYield = 0
  }
  await everything
  expect(nowMs).toBe(200)
  // A slice, and the one that a waiter begins before the iteration of the event loop ends.
  expect(longest).toBeLessThanOrEqual(10)
})

it('resumes waiters in the order in which they came', async () => {
  let nowMs = 0
  const slices = createTimeSlices({ now: () => nowMs, sliceMs: 5 })
  const order: string[] = []
  const wait = async (name: string): Promise<void> => {
    await slices.next()
    nowMs += 5
    order.push(name)
  }
  await Promise.all(['a', 'b', 'c'].map(wait))
  expect(order).toEqual(['a', 'b', 'c'])
})

it('does not ask to yield within a slice', () => {
  const slices = createTimeSlices({ now: () => 0, sliceMs: 5 })
  expect([slices.isSpent(), slices.isSpent()]).toEqual([false, false])
})
