import { expect, test } from 'vitest'
import { createSlewedTime } from '../../src/time/slewed-time.ts'
import { createFakeClock } from './fake-clock.ts'

const hourMs = 3_600_000

function start() {
  const clock = createFakeClock()
  const begunMs = clock.wallMs()
  const time = createSlewedTime(clock)
  /** The time each second, in milliseconds beside the right one. */
  const errorsFor = (seconds: number) =>
    Array.from({ length: seconds }, () => {
      clock.advance(1000)
      return time() - begunMs - clock.now()
    })
  return { clock, errorsFor, time }
}

test('without a step it is the wall clock', () => {
  expect(new Set(start().errorsFor(100))).toEqual(new Set([0]))
})

test.each([hourMs, -hourMs])(
  'a step by %d ms that is taken back within a minute moves it by at most half of that time',
  (step) => {
    const { clock, errorsFor } = start()
    clock.stepWall(step)
    expect(Math.max(...errorsFor(30).map(Math.abs))).toBe(15_000)
    clock.stepWall(-step)
    expect(errorsFor(30).at(-1)).toBe(0)
  },
)

test('a small step is followed by half a second per second, and time never decreases', () => {
  const { clock, errorsFor } = start()
  clock.stepWall(-10_000)
  expect(errorsFor(21)).toEqual([...Array.from({ length: 20 }, (_, i) => -500 * (i + 1)), -10_000])
})

test.each([hourMs, -hourMs])('a step by %d ms that lasts for a minute is followed at once', (step) => {
  const { clock, errorsFor } = start()
  clock.stepWall(step)
  const errors = errorsFor(62)
  expect(Math.abs(errors[59] as number)).toBe(30_000)
  expect(errors[60]).toBe(step)
  expect(errors[61]).toBe(step)
})

test('a clock that was an hour ahead at the start is left a minute after its correction', () => {
  const { clock, errorsFor } = start()
  errorsFor(10)
  clock.stepWall(-hourMs)
  expect(errorsFor(61).at(-1)).toBe(-hourMs)
})

test('a clock that is only far away for moments is not followed', () => {
  const { clock, errorsFor } = start()
  for (let i = 0; i < 10; i++) {
    clock.stepWall(hourMs)
    errorsFor(30)
    clock.stepWall(-hourMs)
    errorsFor(31)
  }
  expect(errorsFor(1)).toEqual([0])
})
