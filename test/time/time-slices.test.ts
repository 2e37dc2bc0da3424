import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createTimeSlices } from '../../src/time/time-slices.ts'

/** Works through items that take a millisecond each, as readers of streams do. */
async function work(items: number, slices: ReturnType<typeof createTimeSlices>, spend: () => void): Promise<void> {
  for (let i = 0; i < items; i++) {
    if (slices.isSpent()) await slices.next()
    spend()
  }
}

it('lets the event loop go round after each slice, however many work at the same time', async () => {
  let nowMs = 0
  let sinceLastRound = 0
  let longest = 0
  let isDone = false
  const slices = createTimeSlices({ now: () => nowMs, sliceMs: 5 })
  const spend = (): void => {
    nowMs += 1
    sinceLastRound += 1
    longest = Math.max(longest, sinceLastRound)
  }
  const everything = Promise.all([1, 2, 3, 4].map(() => work(50, slices, spend))).then(() => {
    isDone = true
  })
  while (!isDone) {
    await nextTurn()
    sinceLastRound = 0
  }
  await everything
  expect(nowMs).toBe(200)
  // A slice, and the one that a waiter begins before the round is over.
  expect(longest).toBeLessThanOrEqual(10)
})

it('serves those who wait in the order in which they came', async () => {
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

it('asks for no turn while there is time', () => {
  const slices = createTimeSlices({ now: () => 0, sliceMs: 5 })
  expect([slices.isSpent(), slices.isSpent()]).toEqual([false, false])
})
