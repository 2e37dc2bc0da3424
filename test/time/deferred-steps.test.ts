import { expect, test } from 'vitest'
import { deferToEventLoop, runInSteps } from '../../src/time/deferred-steps.ts'

function* countTo(last: number, counted: number[]): Generator<void, void> {
  for (let step = 1; step <= last; step++) {
    counted.push(step)
    if (step < last) yield
  }
}

test('the first step is done at once, and each further one when the event loop continues', () => {
  const counted: number[] = []
  const deferred: (() => void)[] = []
  runInSteps(countTo(3, counted), (step) => void deferred.push(step))
  expect([counted, deferred.length]).toEqual([[1], 1])
  deferred.shift()?.()
  expect([counted, deferred.length]).toEqual([[1, 2], 1])
  deferred.shift()?.()
  expect([counted, deferred.length]).toEqual([[1, 2, 3], 0])
})

test('the event loop runs what else is due between two steps', async () => {
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  function* work(): Generator<void, void> {
    order.push('first step')
    yield
    order.push('second step')
    resolve()
  }
  setImmediate(() => order.push('a probe'))
  runInSteps(work(), deferToEventLoop)
  await promise
  expect(order).toEqual(['first step', 'a probe', 'second step'])
})
