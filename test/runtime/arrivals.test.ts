import { expect, test } from 'vitest'
import { createArrivals } from '../../src/runtime/arrivals.ts'
import { createFakeClock } from '../time/fake-clock.ts'

function startArrivals() {
  const clock = createFakeClock()
  const arrivals = createArrivals({ clock, isStandby: () => true })
  const arrive = (revision: number | string, namespace?: string) => {
    clock.advance(10)
    arrivals.of(0, namespace).arrived(String(revision))
    return clock.now()
  }
  return { arrivals, arrive }
}

test('a revision lasts until a later one arrives, in any namespace or in the given one', () => {
  const { arrivals, arrive } = startArrivals()
  expect(arrivals.until(0, 0)).toBe(Number.POSITIVE_INFINITY)
  const first = arrive(5, 'a')
  arrive(3, 'a')
  const second = arrive(9, 'b')
  expect(arrivals.until(0, 4)).toBe(first)
  expect(arrivals.until(0, 5)).toBe(second)
  expect(arrivals.until(0, 5, 'a')).toBe(Number.POSITIVE_INFINITY)
  expect(arrivals.until(0, 9)).toBe(Number.POSITIVE_INFINITY)
  expect(arrivals.until(1, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(arrivals.namespacesOf(0)).toEqual(['a', 'b'])
})

test('what is read in all namespaces may be of each', () => {
  const { arrivals, arrive } = startArrivals()
  arrive(5, 'a')
  const everywhere = arrive(6)
  expect(arrivals.until(0, 5, 'a')).toBe(everywhere)
})

test('what is forgotten is of no known time', () => {
  const { arrivals, arrive } = startArrivals()
  const times = [1, 2, 3, 4].map((revision) => arrive(revision))
  arrivals.forget(0, 2)
  expect(arrivals.until(0, 1)).toBe(Number.NEGATIVE_INFINITY)
  expect(arrivals.until(0, 2)).toBe(times[2])
  arrivals.forget(0, 10)
  expect(arrivals.until(0, 3)).toBe(Number.NEGATIVE_INFINITY)
  expect(arrivals.until(0, 4)).toBe(Number.POSITIVE_INFINITY)
})

test('a resourceVersion that is not a number is never reached', () => {
  const { arrivals, arrive } = startArrivals()
  const at = arrive('a1')
  expect(arrivals.until(0, Number.MAX_SAFE_INTEGER)).toBe(at)
})

test('of very many, times are earlier than they were, but never later, and the latest are exact', () => {
  const { arrivals, arrive } = startArrivals()
  const times = Array.from({ length: 5000 }, (_, revision) => arrive(revision + 1))
  for (const [revision, at] of times.entries()) expect(arrivals.until(0, revision)).toBeLessThanOrEqual(at)
  expect(arrivals.until(0, 4998)).toBe(times[4998])
  expect(arrivals.until(0, 2500)).toBeGreaterThan(times[2000] as number)
})
