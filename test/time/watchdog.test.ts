import { expect, test } from 'vitest'
import { Watchdog } from '../../src/time/watchdog.ts'
import { createFakeClock } from './fake-clock.ts'

function watch(timeoutMs: () => number) {
  const clock = createFakeClock()
  const silences: number[] = []
  const watchdog = new Watchdog(clock, timeoutMs, () => void silences.push(clock.now()))
  return { clock, silences, watchdog }
}

test('calls once, a timeout after the last touch', () => {
  const { clock, silences, watchdog } = watch(() => 100)
  clock.advance(90)
  watchdog.touch()
  clock.advance(90)
  expect(silences).toEqual([])
  clock.advance(1000)
  expect(silences).toEqual([190])
})

test('reads the timeout again at each check', () => {
  let timeoutMs = 100
  const { clock, silences } = watch(() => timeoutMs)
  timeoutMs = 250
  clock.advance(1000)
  expect(silences).toEqual([250])
})

test('does not call after it was stopped', () => {
  const { clock, silences, watchdog } = watch(() => 100)
  watchdog.stop()
  clock.advance(1000)
  expect(silences).toEqual([])
})
