/** What the pusher sends and when, in fake time and without a network. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SentRequest } from './fake-transport.ts'
import { accepted, objectsOf } from './fake-transport.ts'
import { manyNames, openPushing } from './pushing-in-memory.ts'
import { widget, widgetResource } from './widgets.ts'

test('changes are sent at the next flush, unchanged objects at their refresh', async () => {
  const { put, pass, sent } = openPushing()
  put({ name: 'a' })
  await pass(999)
  expect(sent).toHaveLength(0)
  await pass(1)
  expect(sent.map(objectsOf)).toEqual([['a']])
  put({ name: 'a' })
  put({ name: 'b' })
  await pass(1000)
  expect(sent.slice(1).map(objectsOf)).toEqual([['b', 'a']])
})

test('everything is sent again within the interval, spread evenly', async () => {
  const { put, pass, sent, clock } = openPushing()
  const names = manyNames(300)
  for (const name of names) put({ name })
  await pass(2000)
  const lastSeen = new Map(names.map((name) => [name, clock.now()]))
  const rowsPerTick: number[] = []
  let longestMs = 0
  for (let tick = 0; tick < 240; tick++) {
    sent.length = 0
    await pass(1000)
    rowsPerTick.push(sent.reduce((rows, { points }) => rows + points.length, 0))
    for (const name of sent.flatMap(objectsOf)) {
      longestMs = Math.max(longestMs, clock.now() - (lastSeen.get(name) as number))
      lastSeen.set(name, clock.now())
    }
  }
  expect(Math.min(...lastSeen.values())).toBeGreaterThan(clock.now() - 60_000)
  expect(longestMs).toBeLessThanOrEqual(60_000)
  // 1200 rows in 54 ticks are 22.2 per tick; an object has four.
  expect(Math.min(...rowsPerTick)).toBeGreaterThanOrEqual(20)
  expect(Math.max(...rowsPerTick)).toBeLessThanOrEqual(24)
})

test('an object with more rows than the share of a tick uses the share of several ticks', async () => {
  const { put, pass, sent } = openPushing({ intervalMs: 10_000 })
  put({ name: 'large', parts: Object.fromEntries(manyNames(200).map((part) => [part, 1])) })
  for (const name of manyNames(10)) put({ name })
  await pass(1000)
  sent.length = 0
  await pass(30_000)
  const seen = sent.flatMap(objectsOf)
  expect(seen.filter((name) => name === 'large').length).toBeOneOf([3, 4])
  expect(seen.filter((name) => name === 'w005').length).toBeOneOf([3, 4])
})

test('stale markers are sent first, each in a metric entry of its own, with a newer timestamp than the samples before', async () => {
  const { put, pass, sent, store } = openPushing()
  put({ name: 'a', parts: { wheel: 1, axle: 2 } })
  await pass(1000)
  put({ name: 'a', parts: { axle: 2 } })
  put({ name: 'b' })
  store.remove(widgetResource, 'uid-b', 'deleted')
  await pass(1000)
  const [first, second] = sent as [SentRequest, SentRequest]
  const stale = second.points.filter(({ point }) => point.noRecordedValue)
  expect(stale.map(({ name }) => name)).toEqual(['widget_part_weight'])
  expect(second.timestampMs).toBeGreaterThan(first.timestampMs)
})

test('timestamps increase with each request, even while the clock stands still or goes back by less than a receiver tolerates', async () => {
  const { put, pass, sent, clock } = openPushing({ maxRequestBytes: 1200 })
  for (const name of manyNames(12)) put({ name })
  await pass(1000)
  clock.stepWall(-500_000)
  for (const name of manyNames(12)) put({ name, phase: 'Pending' })
  await pass(1000)
  const times = sent.map(({ timestampMs }) => timestampMs)
  expect(times.length).toBeGreaterThan(6)
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
})

test('the number of requests in flight is limited; a response makes room for the next', async () => {
  const { put, pass, sent } = openPushing({ maxRequestBytes: 1200, maxInFlight: 2 }, () => 'hold')
  for (const name of manyNames(6)) put({ name })
  await pass(3000)
  expect(sent).toHaveLength(2)
  sent[0]?.answer(accepted)
  await yieldToEventLoop()
  expect(sent).toHaveLength(3)
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(sent.flatMap(objectsOf).length)
})

test('a change of an object in flight is sent after the response', async () => {
  const { put, pass, sent } = openPushing({}, () => 'hold')
  put({ name: 'a', restarts: 1 })
  await pass(1000)
  put({ name: 'a', restarts: 2 })
  await pass(2000)
  expect(sent).toHaveLength(1)
  sent[0]?.answer(accepted)
  await yieldToEventLoop()
  await pass(1000)
  const restarts = sent[1]?.points.find(({ name }) => name === 'widget_restarts_total')
  expect(restarts?.point.value).toBe(2)
})

test('with a flush interval of zero everything is sent at each interval, and nothing in between', async () => {
  const { put, pass, sent } = openPushing({ flushIntervalMs: 0, maxRequestBytes: 1200 })
  for (const name of manyNames(9)) put({ name })
  await pass(59_000)
  expect(sent).toHaveLength(0)
  await pass(1000)
  expect(sent.length).toBeGreaterThan(3)
  const first = sent.splice(0)
  put({ name: 'w003', phase: 'Pending' })
  await pass(59_000)
  expect(sent).toHaveLength(0)
  await pass(1000)
  expect(sent.flatMap(objectsOf).sort()).toEqual(manyNames(9))
  const times = [...first, ...sent].map(({ timestampMs }) => timestampMs)
  expect(times).toEqual([...new Set(times)].sort((x, y) => x - y))
})

test('nothing of a resource is pushed before its first list is complete', async () => {
  const { put, pass, sent, engine } = openPushing({ synced: false })
  put({ name: 'a' })
  await pass(5000)
  expect(sent).toHaveLength(0)
  engine.markSynced(widgetResource)
  await pass(1000)
  expect(sent.map(objectsOf)).toEqual([['a']])
})

test('objects without series cause no request', async () => {
  const { engine, pass, sent } = openPushing()
  engine.upsert(1, widget({ uid: 'g', name: 'g', namespace: '' }))
  await pass(5000)
  expect(sent).toHaveLength(0)
})
