import { expect, test } from 'vitest'
import { createRateLimiter } from '../../../src/server/web-config/rate-limiter.ts'

function createTimed() {
  let nowMs = 1000
  const { admits } = createRateLimiter(() => nowMs)
  return { admits, pass: (ms: number) => (nowMs += ms) }
}

test('a burst passes at once, then one request per interval', () => {
  const { admits, pass } = createTimed()
  const limit = { intervalMs: 100, burst: 3 }
  const ask = (times: number) => Array.from({ length: times }, () => admits(limit))
  expect(ask(4)).toEqual([true, true, true, false])
  pass(99)
  expect(ask(1)).toEqual([false])
  pass(1)
  expect(ask(2)).toEqual([true, false])
  pass(10_000)
  expect(ask(4)).toEqual([true, true, true, false])
})

test('no limit admits everybody; a limit that changes starts full', () => {
  const { admits } = createTimed()
  expect(admits({ intervalMs: 100, burst: 1 })).toBe(true)
  expect(admits({ intervalMs: 100, burst: 1 })).toBe(false)
  expect(admits(undefined)).toBe(true)
  expect(admits({ intervalMs: 100, burst: 2 })).toBe(true)
})
