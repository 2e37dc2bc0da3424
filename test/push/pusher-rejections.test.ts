/** The pusher when the receiver rejects content: objects that are invalid or too large, partial success. */
import { describe, expect, test } from 'vitest'
import { failedAnswer } from '../../src/push/grpc-answer.ts'
import type { Answer } from '../../src/push/transport.ts'
import { accepted, failedWith, invalid, objectsOf, tooLarge, unavailable } from './fake-transport.ts'
import { manyNames, openPushing } from './pushing-in-memory.ts'
import { widgetResource } from './widgets.ts'

test('after a request that is too large, smaller requests are sent', async () => {
  const limit = 2000
  const { put, pass, sent, lines, ledger } = openPushing({}, ({ bytes }) =>
    bytes.length > limit ? tooLarge(limit) : accepted,
  )
  for (const name of manyNames(20)) put({ name })
  await pass(1000)
  expect(sent.filter(({ bytes }) => bytes.length > limit)).toHaveLength(1)
  expect(ledger.pending).toBe(0)
  expect(lines.map(({ message }) => message)).toEqual([
    'the receiver rejected a request as too large; sending smaller requests',
  ])
})

test('a request is halved until it fits when the receiver does not name its limit', async () => {
  const { put, pass, sent, ledger } = openPushing({}, ({ bytes }) => (bytes.length > 2000 ? tooLarge() : accepted))
  for (const name of manyNames(20)) put({ name })
  await pass(1000)
  expect(ledger.pending).toBe(0)
  expect(sent.length).toBeLessThan(40)
})

test('a single object that is too large is set aside and logged, and the others arrive', async () => {
  const { put, pass, sent, lines, counts, ledger } = openPushing({}, ({ bytes }) =>
    bytes.length > 2000 ? tooLarge(2000) : accepted,
  )
  for (const name of manyNames(3)) put({ name })
  put({ name: 'large', parts: Object.fromEntries(manyNames(50).map((part) => [part, 1])) })
  await pass(1000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 1 })
  expect(lines.at(-1)).toMatchObject({ objects: ['widgets default/large'], count: 1 })
  expect(counts.setAside).toBe(1)
  sent.length = 0
  await pass(59_000)
  expect(sent.flatMap(objectsOf)).not.toContain('large')
  await pass(2000)
  expect(sent.flatMap(objectsOf)).toContain('large')
})

test('an invalid object is found by halving, logged and held back for an interval', async () => {
  const { put, pass, sent, lines, counts, ledger } = openPushing({ maxInFlight: 1 }, (request) =>
    objectsOf(request).includes('w013') ? invalid : accepted,
  )
  for (const name of manyNames(64)) put({ name })
  await pass(1000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 1, inFlight: 0 })
  expect(sent).toHaveLength(1 + 2 * 6)
  expect(lines.at(-1)).toMatchObject({
    objects: ['widgets default/w013'],
    reason: 'INVALID_ARGUMENT: bad point',
  })
  expect(counts.setAside).toBe(1)
})

test('a receiver that rejects everything as invalid is not flooded', async () => {
  const { put, pass, sent, ledger } = openPushing({}, () => invalid)
  for (const name of manyNames(500)) put({ name })
  await pass(30_000)
  expect(sent.length).toBeLessThanOrEqual(1 + 2 * 64 + 10)
  expect(ledger).toMatchObject({ pending: 0, setAside: 500, inFlight: 0 })
})

/** The clock is wrong between two steps, and the receiver acknowledges whatever it loses. */
async function endWhileClockIsWrong(stepMs: number, wrongMs: number) {
  const pushing = openPushing()
  const { put, pass, clock, store, sent, ledger } = pushing
  for (const name of ['early', 'wrong', 'again']) put({ name })
  await pass(1000)
  store.remove(widgetResource, 'uid-early', 'deleted')
  await pass(1000)
  clock.stepWall(stepMs)
  await pass(1000)
  for (const name of ['wrong', 'again']) store.remove(widgetResource, `uid-${name}`, 'deleted')
  await pass(wrongMs)
  expect(ledger.pendingMarkers).toBe(0)
  put({ name: 'again' })
  await pass(1000)
  sent.length = 0
  clock.stepWall(-stepMs)
  await pass(1000)
  const ended = sent.flatMap(({ points }) => points.filter(({ point }) => Number.isNaN(point.value)))
  return { ...pushing, ended: [...new Set(ended.map(({ point }) => String(new Map(point.attributes).get('widget'))))] }
}

const hourMs = 3_600_000

test.each([hourMs, -hourMs])(
  'stale markers that were acknowledged while the clock was wrong by %i ms are sent again, once',
  async (stepMs) => {
    const { ended, sent, pass, counts, ledger } = await endWhileClockIsWrong(stepMs, 120_000)
    expect(ended).toEqual(['wrong'])
    sent.length = 0
    await pass(400_000)
    expect(sent.flatMap(objectsOf)).not.toContain('wrong')
    expect([ledger.pendingMarkers, counts.dropped]).toEqual([0, 0])
  },
)

test('a clock that was set rightly sends nothing again, and nothing is kept for more than five minutes', async () => {
  const { ended, counts, ledger } = await endWhileClockIsWrong(hourMs, 310_000)
  expect(ended).toEqual([])
  expect([ledger.pendingMarkers, counts.dropped]).toEqual([0, 0])
})

test('steps that receivers accept change nothing', async () => {
  const { ended } = await endWhileClockIsWrong(500_000, 60_000)
  expect(ended).toEqual([])
})

test('a request whose time is refused is retried whole: nothing is set aside', async () => {
  const refused = failedAnswer(
    { code: 3, message: 'out of bounds: timestamp is too far in the future', details: undefined, timedOut: false },
    { retryResourceExhausted: false },
  )
  const { put, pass, state, store, ledger, lines } = openPushing()
  for (const name of manyNames(20)) put({ name })
  await pass(1000)
  state.respond = () => refused
  for (const name of manyNames(20)) store.remove(widgetResource, `uid-${name}`, 'deleted')
  put({ name: 'new' })
  await pass(120_000)
  expect(ledger).toMatchObject({ setAside: 0, pendingMarkers: 80 })
  state.respond = () => accepted
  await pass(31_000)
  expect(ledger).toMatchObject({ setAside: 0, pendingMarkers: 0, pending: 0 })
  expect(lines.map(({ message }) => message)).not.toContainEqual(expect.stringContaining('rejected these objects'))
})

test('a pending stale marker that is rejected as invalid stays pending', async () => {
  const { put, pass, sent, state, store, ledger } = openPushing()
  put({ name: 'a' })
  await pass(1000)
  store.remove(widgetResource, 'uid-a', 'deleted')
  state.respond = () => invalid
  await pass(1000)
  expect(ledger.pendingMarkers).toBe(4)
  state.respond = () => accepted
  sent.length = 0
  await pass(59_000)
  expect(sent).toHaveLength(0)
  await pass(2000)
  expect(ledger.pendingMarkers).toBe(0)
})

test('a rejection without a reason is retried, then attributed to the content, and the other objects arrive', async () => {
  const { put, pass, sent, ledger } = openPushing({ maxRequestBytes: 1200 }, (request) =>
    objectsOf(request).includes('w000') ? failedWith('UNKNOWN: oops') : accepted,
  )
  for (const name of manyNames(10)) put({ name })
  await pass(30_000)
  expect(ledger.pending).toBe(0)
  const attempts = () => sent.filter((request) => objectsOf(request).includes('w000')).length
  const before = attempts()
  // Three times, and once more for each halving.
  expect(before).toBeOneOf([4, 5, 6])
  await pass(60_000)
  expect(attempts()).toBeGreaterThan(before)
})

test('an object that is rejected without a reason does not hold back the other objects of its request', async () => {
  const arrived = new Set<string>()
  const { put, pass, ledger } = openPushing({}, (request) => {
    const objects = objectsOf(request)
    if (objects.includes('w013')) return failedWith('INTERNAL: permanent error')
    for (const name of objects) arrived.add(name)
    return accepted
  })
  const names = manyNames(64)
  for (const name of names) put({ name })
  await pass(120_000)
  expect([...arrived].sort()).toEqual(names.filter((name) => name !== 'w013'))
  expect(ledger).toMatchObject({ setAside: 1 })
})

describe.each(['INTERNAL', 'UNKNOWN', 'UNAVAILABLE'])('an object that is rejected as %s on its refresh', (code) => {
  const poison = 'w013'
  /** 301 objects: one is rejected after it was delivered, another changes every second. */
  const runWithTraffic = async (seconds: number) => {
    let isRejected = false
    const pushing = openPushing({ intervalMs: 20_000 }, (request) =>
      isRejected && objectsOf(request).includes(poison) ? failedWith(`${code}: no`) : accepted,
    )
    const { put, pass, clock, sent } = pushing
    const lastSentMs = new Map<string, number>()
    const longestMs = new Map<string, number>()
    for (const name of manyNames(301)) put({ name })
    await pass(2000)
    isRejected = true
    const start = clock.now()
    sent.length = 0
    for (let second = 0; second < seconds; second++) {
      put({ name: 'w300', restarts: second })
      await pass(1000)
      for (const request of sent.splice(0)) {
        if (objectsOf(request).includes(poison)) continue
        for (const name of objectsOf(request)) {
          const waitedMs = clock.now() - (lastSentMs.get(name) ?? start)
          longestMs.set(name, Math.max(longestMs.get(name) ?? 0, waitedMs))
          lastSentMs.set(name, clock.now())
        }
      }
    }
    return { ...pushing, longestMs, lastSentMs }
  }

  test('delays no other object for longer than its own attempts take', async () => {
    const { longestMs, lastSentMs, clock } = await runWithTraffic(120)
    const others = manyNames(301).filter((name) => name !== poison)
    expect([...lastSentMs.keys()].sort()).toEqual(others)
    // The other objects of its request are sent once it is divided, after back-offs of at most 1 s each.
    expect(Math.max(...longestMs.values())).toBeLessThanOrEqual(20_000 + 5000)
    expect(Math.min(...lastSentMs.values())).toBeGreaterThan(clock.now() - 22_000)
    expect(longestMs.get('w300')).toBeLessThanOrEqual(5000)
  })

  test('is set aside alone and logged, and does not slow the refresh', async () => {
    const { ledger, lines, counts, reports } = await runWithTraffic(60)
    expect(ledger.setAside).toBe(1)
    expect(counts.setAside).toBeLessThanOrEqual(3)
    const named = lines.filter(({ objects }) => objects !== undefined)
    expect(named.every(({ objects }) => String(objects) === `widgets default/${poison}`)).toBe(true)
    const points = reports
      .filter(({ outcome }) => outcome === 'success')
      .reduce((sum, report) => sum + report.points, 0)
    // 301 objects of 4 series at least every 20 s, and one of them every second.
    expect(points).toBeGreaterThanOrEqual(3 * 300 * 4)
  })
})

test('a delivered object that is rejected is found, although no other request is sent', async () => {
  let isRejected = false
  const { put, pass, ledger, sent } = openPushing({ intervalMs: 20_000 }, (request) =>
    isRejected && objectsOf(request).includes('w003') ? unavailable : accepted,
  )
  for (const name of manyNames(8)) put({ name })
  await pass(2000)
  isRejected = true
  for (const name of manyNames(8)) put({ name, phase: 'Pending' })
  await pass(60_000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 1 })
  sent.length = 0
  await pass(20_000)
  expect(new Set(sent.flatMap(objectsOf)).size).toBeGreaterThanOrEqual(7)
})

test('valid objects are not held back with the invalid ones of their request', async () => {
  const isInvalid = (name: string) => Number(name.slice(1)) % 20 === 7
  const arrived = new Set<string>()
  const { put, pass, sent, ledger } = openPushing({ maxRequestBytes: 4_000_000 }, (request) => {
    const objects = objectsOf(request)
    if (objects.some(isInvalid)) return invalid
    for (const name of objects) arrived.add(name)
    return accepted
  })
  const names = manyNames(2000)
  for (const name of names) put({ name })
  await pass(130_000)
  expect(arrived.size).toBe(1900)
  // All are sent again in requests of their own: no valid object shares a request with an invalid one.
  sent.length = 0
  await pass(120_000)
  const mixed = sent.filter((request) => {
    const invalidCount = objectsOf(request).filter(isInvalid).length
    return invalidCount > 0 && invalidCount < objectsOf(request).length
  })
  expect(mixed).toEqual([])
  expect(ledger.setAside).toBe(100)
})

test('a message that only looks like a size limit shrinks requests to no less than 64 KiB, and for a limited time', async () => {
  const quota: Answer = { kind: 'too_large', maxBytes: undefined, message: 'tenant exceeds the max of active series' }
  const { put, pass, sent, state } = openPushing({ maxRequestBytes: 400_000, intervalMs: 10_000 })
  const names = manyNames(300)
  for (const name of names) put({ name })
  await pass(2000)
  state.respond = () => quota
  for (const name of names) put({ name, phase: 'Pending' })
  await pass(5000)
  state.respond = () => accepted
  await pass(30_000)
  sent.length = 0
  for (const name of names) put({ name, restarts: 1 })
  await pass(1000)
  expect(Math.max(...sent.map(({ bytes }) => bytes.length))).toBeGreaterThan(50_000)
  await pass(900_000, 5000)
  sent.length = 0
  for (const name of names) put({ name, restarts: 2 })
  await pass(1000)
  expect(sent).toHaveLength(1)
})

test('a partial success is counted and logged, and not sent again', async () => {
  const { put, pass, sent, ledger, lines, counts, reports } = openPushing({}, () => ({
    kind: 'partial',
    rejectedPoints: 3,
    message: 'too old',
  }))
  put({ name: 'a' })
  await pass(1000)
  expect(ledger.pending).toBe(0)
  expect(sent).toHaveLength(1)
  expect(counts.rejected).toBe(3)
  expect(reports).toMatchObject([{ outcome: 'partial', points: 4 }])
  expect(lines).toMatchObject([{ rejectedPoints: 3, reason: 'too old' }])
})
