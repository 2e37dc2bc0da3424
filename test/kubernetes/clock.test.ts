import { expect, it } from 'vitest'
import { createSystemClock } from '../../src/kubernetes/clock.ts'

it('reports what a timer throws, which would end the process', async () => {
  const failure = await new Promise((resolve) => {
    createSystemClock(resolve).after(0, () => {
      throw new Error('the session has been destroyed')
    })
  })
  expect(failure).toEqual(new Error('the session has been destroyed'))
})

it('does not call back what was cancelled', async () => {
  const called: string[] = []
  const clock = createSystemClock(() => {})
  clock.after(0, () => called.push('cancelled'))()
  await new Promise<void>((resolve) => clock.after(1, resolve))
  expect(called).toEqual([])
})
