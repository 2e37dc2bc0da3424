import { expect, test } from 'vitest'
import { startTicks } from '../../src/time/ticks.ts'
import { createFakeClock } from './fake-clock.ts'

function start() {
  const clock = createFakeClock()
  const calls: number[] = []
  const ticks = startTicks(clock, 1000, () => calls.push(clock.now()))
  return { clock, calls, ticks }
}

test('calls at multiples of the period until it is stopped', () => {
  const { clock, calls, ticks } = start()
  clock.advance(2500)
  ticks.stop()
  clock.advance(5000)
  expect(calls).toEqual([1000, 2000])
})

test('a restart begins a whole period, and does nothing after the stop', () => {
  const { clock, calls, ticks } = start()
  clock.advance(1700)
  ticks.restart()
  clock.advance(2000)
  ticks.stop()
  ticks.restart()
  clock.advance(5000)
  expect(calls).toEqual([1000, 2700, 3700])
})
