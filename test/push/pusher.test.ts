/** Owns the proof of what is sent when, and of what each outcome does, in fake time and without a network. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/push/transport.ts'
import type { SentRequest } from './fake-transport.ts'
import { accepted, createFakeTransport, invalid, objectsOf, tooLarge, unavailable } from './fake-transport.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import type { WidgetFields } from './widgets.ts'
import { widget, widgetResource } from './widgets.ts'

type Respond = NonNullable<Parameters<typeof createFakeTransport>[0]>

const open = (options: PushingOptions = {}, respond?: Respond) => {
  const fake = createFakeTransport(respond)
  const pushing = startPushing(fake.transport, options)
  return {
    ...pushing,
    ...fake,
    put: (fields: Omit<WidgetFields, 'uid'> & { uid?: string }) =>
      pushing.engine.upsert(widgetResource, widget({ uid: `uid-${fields.name}`, ...fields })),
    /** Lets time pass in steps, and what follows from it happen. */
    async pass(ms: number, stepMs = 1000) {
      for (let left = ms; left > 0; left -= stepMs) {
        pushing.clock.advance(Math.min(left, stepMs))
        await nextTurn()
      }
    },
  }
}

const manyNames = (count: number) => Array.from({ length: count }, (_, i) => `w${String(i).padStart(3, '0')}`)
const refused = (message: string): Answer => ({ kind: 'unavailable', timedOut: false, message })

test('changes wait for the next flush, and unchanged objects for their refresh', async () => {
  const { put, pass, sent } = open()
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
  const { put, pass, sent, clock } = open()
  const names = manyNames(300)
  for (const name of names) put({ name })
  await pass(2000)
  const lastSeen = new Map(names.map((name) => [name, clock.monotonicMs()]))
  const rowsPerTick: number[] = []
  let longestMs = 0
  for (let tick = 0; tick < 240; tick++) {
    sent.length = 0
    await pass(1000)
    rowsPerTick.push(sent.reduce((rows, { points }) => rows + points.length, 0))
    for (const name of sent.flatMap(objectsOf)) {
      longestMs = Math.max(longestMs, clock.monotonicMs() - (lastSeen.get(name) as number))
      lastSeen.set(name, clock.monotonicMs())
    }
  }
  expect(Math.min(...lastSeen.values())).toBeGreaterThan(clock.monotonicMs() - 60_000)
  expect(longestMs).toBeLessThanOrEqual(60_000)
  // 1200 rows in 54 ticks are 22.2 per tick; an object has four.
  expect(Math.min(...rowsPerTick)).toBeGreaterThanOrEqual(20)
  expect(Math.max(...rowsPerTick)).toBeLessThanOrEqual(24)
})

test('an object with more rows than a tick may refresh takes its share of several ticks', async () => {
  const { put, pass, sent } = open({ intervalMs: 10_000 })
  put({ name: 'large', parts: Object.fromEntries(manyNames(200).map((part) => [part, 1])) })
  for (const name of manyNames(10)) put({ name })
  await pass(1000)
  sent.length = 0
  await pass(30_000)
  const seen = sent.flatMap(objectsOf)
  expect(seen.filter((name) => name === 'large').length).toBeOneOf([3, 4])
  expect(seen.filter((name) => name === 'w005').length).toBeOneOf([3, 4])
})

test('after an outage what changed comes first and the refresh does not catch up', async () => {
  const { put, pass, sent, state } = open()
  for (const name of manyNames(300)) put({ name })
  await pass(1000)
  state.respond = () => unavailable
  await pass(600_000, 5000)
  put({ name: 'w150', phase: 'Pending' })
  state.respond = () => accepted
  sent.length = 0
  await pass(20_000)
  const firstObjects = objectsOf(sent[0] as SentRequest)
  expect(firstObjects[0]).toBe('w150')
  expect(sent.flatMap(({ points }) => points).length).toBeLessThanOrEqual(4 + 24 * 22)
})

test('departures lead, each in a metric entry of its own, strictly newer than what they end', async () => {
  const { put, pass, sent, store } = open()
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

test('timestamps grow by request even while the wall clock stands or goes back', async () => {
  const { put, pass, sent, clock } = open({ maxRequestBytes: 1200 })
  for (const name of manyNames(12)) put({ name })
  await pass(1000)
  clock.stepWall(-3_600_000)
  for (const name of manyNames(12)) put({ name, phase: 'Pending' })
  await pass(1000)
  const times = sent.map(({ timestampMs }) => timestampMs)
  expect(times.length).toBeGreaterThan(6)
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
})

test('no more requests are under way than allowed, and answers make room', async () => {
  const { put, pass, sent } = open({ maxRequestBytes: 1200, maxInFlight: 2 }, () => 'hold')
  for (const name of manyNames(6)) put({ name })
  await pass(3000)
  expect(sent).toHaveLength(2)
  sent[0]?.answer(accepted)
  await nextTurn()
  expect(sent).toHaveLength(3)
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(sent.flatMap(objectsOf).length)
})

test('a change during a request is sent after it, not beside it', async () => {
  const { put, pass, sent } = open({}, () => 'hold')
  put({ name: 'a', restarts: 1 })
  await pass(1000)
  put({ name: 'a', restarts: 2 })
  await pass(2000)
  expect(sent).toHaveLength(1)
  sent[0]?.answer(accepted)
  await nextTurn()
  await pass(1000)
  const restarts = sent[1]?.points.find(({ name }) => name === 'widget_restarts_total')
  expect(restarts?.point.value).toBe(2)
})

test('a request without an answer is given up in time, and its content encoded anew', async () => {
  const { put, pass, sent, reports } = open({ timeoutMs: 5000 }, (_request, index) => (index === 0 ? 'hold' : accepted))
  put({ name: 'a', restarts: 1 })
  await pass(1000)
  put({ name: 'a', restarts: 2 })
  await pass(4000)
  expect(sent).toHaveLength(1)
  await pass(3000)
  expect(sent[0]?.isAborted).toBe(true)
  expect(sent[1]?.points.find(({ name }) => name === 'widget_restarts_total')?.point.value).toBe(2)
  expect(sent[1]?.timestampMs).toBeGreaterThan(sent[0]?.timestampMs as number)
  expect(reports.slice(0, 2).map(({ outcome }) => outcome)).toEqual(['unavailable', 'success'])
})

test('while the endpoint fails one request at a time tries it, ever more rarely; it is told once, and so is the end', async () => {
  const { put, pass, sent, state, lines, pusher } = open({ maxRequestBytes: 1200 }, () => unavailable)
  for (const name of manyNames(8)) put({ name })
  await pass(1000)
  expect(sent).toHaveLength(4)
  await pass(59_000, 100)
  // After delays of 0.5 to 1, 1 to 2, 2 to 4, 4 to 8 s and then 5 to 10 s each.
  expect(sent.length).toBeGreaterThanOrEqual(4 + 4 + 4)
  expect(sent.length).toBeLessThanOrEqual(4 + 4 + 12)
  expect(pusher.stats().failures).toBeGreaterThan(3)
  expect(lines.map(({ message }) => message)).toEqual(['OTLP push failing; retrying'])
  state.respond = () => accepted
  await pass(15_000)
  expect(pusher.stats()).toMatchObject({ failures: 0, inFlight: 0, lastSuccessMs: expect.any(Number) })
  expect(lines.map(({ message }) => message)).toEqual(['OTLP push failing; retrying', 'OTLP push works again'])
})

test('a delay that the receiver asks for is kept', async () => {
  const busy: Answer = { kind: 'retry_after', delayMs: 20_000, message: 'RESOURCE_EXHAUSTED: busy' }
  const { put, pass, sent } = open({}, (_request, index) => (index === 0 ? busy : accepted))
  put({ name: 'a' })
  await pass(20_999)
  expect(sent).toHaveLength(1)
  await pass(2001)
  expect(sent.slice(0, 2).map(objectsOf)).toEqual([['a'], ['a']])
})

test('a request that is too large is sent in smaller ones from then on', async () => {
  const limit = 2000
  const { put, pass, sent, lines, ledger } = open({}, ({ bytes }) =>
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

test('halves until it fits when the receiver does not name its limit', async () => {
  const { put, pass, sent, ledger } = open({}, ({ bytes }) => (bytes.length > 2000 ? tooLarge() : accepted))
  for (const name of manyNames(20)) put({ name })
  await pass(1000)
  expect(ledger.pending).toBe(0)
  expect(sent.length).toBeLessThan(40)
})

test('a single object that is too large is set aside and named, and the others arrive', async () => {
  const { put, pass, sent, lines, counts, ledger } = open({}, ({ bytes }) =>
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

test('what is invalid is found by halving, named and held back for an interval', async () => {
  const { put, pass, sent, lines, counts, ledger } = open({ maxInFlight: 1 }, (request) =>
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

test('a receiver that finds everything invalid is not flooded', async () => {
  const { put, pass, sent, ledger } = open({}, () => invalid)
  for (const name of manyNames(500)) put({ name })
  await pass(30_000)
  expect(sent.length).toBeLessThanOrEqual(1 + 2 * 64 + 10)
  expect(ledger).toMatchObject({ pending: 0, setAside: 500, inFlight: 0 })
})

test('an owed marker that is refused as invalid stays owed', async () => {
  const { put, pass, sent, state, store, ledger } = open()
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

test('refused credentials are read again before the next attempt', async () => {
  const { put, pass, sent, state, lines } = open({}, (_request, index) =>
    index === 0 ? ({ kind: 'denied', message: 'UNAUTHENTICATED: who are you' } as const) : accepted,
  )
  put({ name: 'a' })
  await pass(1000)
  expect(state.renewals).toBe(1)
  expect(lines[0]).toMatchObject({ outcome: 'denied', reason: 'UNAUTHENTICATED: who are you' })
  await pass(2000)
  expect(sent.length).toBeGreaterThan(1)
})

test('a refusal without a reason is retried, then taken for the content, which lets the others through', async () => {
  const { put, pass, sent, ledger } = open({ maxRequestBytes: 1200 }, (request) =>
    objectsOf(request).includes('w000') ? refused('UNKNOWN: oops') : accepted,
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

test('what is refused without a reason keeps only itself from arriving, not what shared its request', async () => {
  const arrived = new Set<string>()
  const { put, pass, ledger } = open({}, (request) => {
    const objects = objectsOf(request)
    if (objects.includes('w013')) return refused('INTERNAL: permanent error')
    for (const name of objects) arrived.add(name)
    return accepted
  })
  const names = manyNames(64)
  for (const name of names) put({ name })
  await pass(120_000)
  expect([...arrived].sort()).toEqual(names.filter((name) => name !== 'w013'))
  expect(ledger).toMatchObject({ setAside: 1 })
})

describe.each(['INTERNAL', 'UNKNOWN', 'UNAVAILABLE'])('an object that is refused as %s on its refresh', (code) => {
  const poison = 'w013'
  /** 301 objects, one of which is refused once it was delivered, while another changes every second. */
  const runWithTraffic = async (seconds: number) => {
    let isRefused = false
    const pushing = open({ intervalMs: 20_000 }, (request) =>
      isRefused && objectsOf(request).includes(poison) ? refused(`${code}: no`) : accepted,
    )
    const { put, pass, clock, sent } = pushing
    const lastSentMs = new Map<string, number>()
    const longestMs = new Map<string, number>()
    for (const name of manyNames(301)) put({ name })
    await pass(2000)
    isRefused = true
    const start = clock.monotonicMs()
    sent.length = 0
    for (let second = 0; second < seconds; second++) {
      put({ name: 'w300', restarts: second })
      await pass(1000)
      for (const request of sent.splice(0)) {
        if (objectsOf(request).includes(poison)) continue
        for (const name of objectsOf(request)) {
          const waitedMs = clock.monotonicMs() - (lastSentMs.get(name) ?? start)
          longestMs.set(name, Math.max(longestMs.get(name) ?? 0, waitedMs))
          lastSentMs.set(name, clock.monotonicMs())
        }
      }
    }
    return { ...pushing, longestMs, lastSentMs }
  }

  test('delays no other object for longer than its own attempts take', async () => {
    const { longestMs, lastSentMs, clock } = await runWithTraffic(120)
    const others = manyNames(301).filter((name) => name !== poison)
    expect([...lastSentMs.keys()].sort()).toEqual(others)
    // Those that shared its request are sent once it is divided, after back-offs of at most 1 s each.
    expect(Math.max(...longestMs.values())).toBeLessThanOrEqual(20_000 + 5000)
    expect(Math.min(...lastSentMs.values())).toBeGreaterThan(clock.monotonicMs() - 22_000)
    expect(longestMs.get('w300')).toBeLessThanOrEqual(5000)
  })

  test('is set aside alone and named, and costs the refresh nothing', async () => {
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

test('a delivered object that is refused in its only request is found although nothing else is sent', async () => {
  let isRefused = false
  const { put, pass, ledger, sent } = open({ intervalMs: 20_000 }, (request) =>
    isRefused && objectsOf(request).includes('w003') ? unavailable : accepted,
  )
  for (const name of manyNames(8)) put({ name })
  await pass(2000)
  isRefused = true
  for (const name of manyNames(8)) put({ name, phase: 'Pending' })
  await pass(60_000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 1 })
  sent.length = 0
  await pass(20_000)
  expect(new Set(sent.flatMap(objectsOf)).size).toBeGreaterThanOrEqual(7)
})

test('an endpoint that is down has nothing set aside, however long that takes', async () => {
  const { put, pass, ledger, counts, state, sent } = open({ maxRequestBytes: 5000 }, () => unavailable)
  for (const name of manyNames(200)) put({ name })
  await pass(3_600_000, 5000)
  expect(counts.setAside).toBe(0)
  state.respond = () => accepted
  sent.length = 0
  await pass(15_000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 0, inFlight: 0 })
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(200)
})

test('healthy objects do not wait with the offenders among which they were sent', async () => {
  const isOffender = (name: string) => Number(name.slice(1)) % 20 === 7
  const arrived = new Set<string>()
  const { put, pass, sent, ledger } = open({ maxRequestBytes: 4_000_000 }, (request) => {
    const objects = objectsOf(request)
    if (objects.some(isOffender)) return invalid
    for (const name of objects) arrived.add(name)
    return accepted
  })
  const names = manyNames(2000)
  for (const name of names) put({ name })
  await pass(130_000)
  expect(arrived.size).toBe(1900)
  // All are readmitted in requests of their own: none of the healthy ones is sent together with an offender again.
  sent.length = 0
  await pass(120_000)
  const mixed = sent.filter((request) => {
    const offenders = objectsOf(request).filter(isOffender)
    return offenders.length > 0 && offenders.length < objectsOf(request).length
  })
  expect(mixed).toEqual([])
  expect(ledger.setAside).toBe(100)
})

test('text that only looks like a limit on size shrinks requests no further than 64 KiB, and for a while', async () => {
  const quota: Answer = { kind: 'too_large', maxBytes: undefined, message: 'tenant exceeds the max of active series' }
  const { put, pass, sent, state } = open({ maxRequestBytes: 400_000, intervalMs: 10_000 })
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

test('a partial success is counted, told, and not sent again', async () => {
  const { put, pass, sent, ledger, lines, counts, reports } = open({}, () => ({
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

test('departures that grow too old or too many are dropped and counted', async () => {
  const { put, pass, store, state, counts } = open({ markers: { maxSeries: 6, maxAgeMs: 20_000 } })
  for (const name of ['a', 'b', 'c']) put({ name })
  await pass(1000)
  state.respond = () => unavailable
  for (const name of ['a', 'b', 'c']) store.remove(widgetResource, `uid-${name}`, 'deleted')
  await pass(1000)
  expect(counts.dropped).toBe(8)
  await pass(25_000)
  expect(counts.dropped).toBe(12)
})

test('with a flush interval of zero everything is sent at each interval, and nothing between', async () => {
  const { put, pass, sent } = open({ flushIntervalMs: 0, maxRequestBytes: 1200 })
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

test('with a flush interval of zero the rest of an interval follows when the endpoint works again', async () => {
  const { put, pass, sent, state } = open({ flushIntervalMs: 0, maxRequestBytes: 1200 })
  for (const name of manyNames(9)) put({ name })
  await pass(60_000)
  sent.length = 0
  state.respond = (_request, index) => (index < 2 ? unavailable : accepted)
  await pass(65_000, 500)
  state.respond = () => accepted
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(9)
})

test('nothing of a resource is pushed before its first list is complete', async () => {
  const { put, pass, sent, engine } = open({ synced: false })
  put({ name: 'a' })
  await pass(5000)
  expect(sent).toHaveLength(0)
  engine.markSynced(widgetResource)
  await pass(1000)
  expect(sent.map(objectsOf)).toEqual([['a']])
})

test('the last flush sends what is owed and nothing else, then closes', async () => {
  const { put, pass, sent, stop, pusher, store, state } = open()
  for (const name of ['a', 'b', 'c']) put({ name })
  await pass(1000)
  put({ name: 'a', phase: 'Pending' })
  store.remove(widgetResource, 'uid-b', 'deleted')
  stop()
  sent.length = 0
  expect(await pusher.flush(5000)).toBe(true)
  expect(sent.flatMap(objectsOf).sort()).toEqual(['a', 'b'])
  expect(sent.flatMap(({ points }) => points).filter(({ point }) => point.noRecordedValue)).toHaveLength(4)
  expect(state.isClosed).toBe(true)
  await pass(120_000, 10_000)
  expect(sent).toHaveLength(1)
})

test('the last flush waits for what shares a name with a request under way', async () => {
  const { put, pass, sent, stop, pusher } = open({}, (_request, index) => (index === 0 ? 'hold' : accepted))
  put({ name: 'a', restarts: 1 })
  await pass(1000)
  put({ name: 'a', restarts: 2 })
  stop()
  const flushed = pusher.flush(5000)
  await nextTurn()
  sent[0]?.answer(accepted)
  expect(await flushed).toBe(true)
  expect(sent).toHaveLength(2)
})

test('the last flush ends with the grace period, whatever is under way', async () => {
  const { put, pass, sent, stop, pusher, clock, state } = open({}, () => 'hold')
  put({ name: 'a' })
  await pass(1000)
  stop()
  const flushed = pusher.flush(5000)
  clock.advance(5000)
  expect(await flushed).toBe(false)
  expect(sent).toHaveLength(1)
  expect(sent[0]?.isAborted).toBe(true)
  expect(state.isClosed).toBe(true)
})

test('a destination that hangs or refuses delays no other, and gets everything in the end', async () => {
  const { engine, put, pass, sent, clock, store } = open({}, () => accepted)
  const other = createFakeTransport(() => 'hold')
  const second = startPushing(other.transport, { engine, maxInFlight: 2 }, clock)
  for (const name of manyNames(20)) put({ name })
  await pass(1000)
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(20)
  for (let i = 0; i < 300; i++) {
    if (i === 100) other.state.respond = () => invalid
    if (i === 200) other.state.respond = () => unavailable
    put({ name: 'w003', restarts: i + 1 })
    if (i === 50) store.remove(widgetResource, 'uid-w007', 'deleted')
    sent.length = 0
    await pass(1000)
    expect(sent.some((request) => objectsOf(request).includes('w003'))).toBe(true)
  }
  other.state.respond = () => accepted
  other.sent.length = 0
  await pass(150_000)
  expect(second.ledger).toMatchObject({ pending: 0, pendingMarkers: 0, setAside: 0, inFlight: 0 })
  const received = other.sent.flatMap(({ points }) => points)
  const restarts = received.filter(({ name }) => name === 'widget_restarts_total').map(({ point }) => point.value)
  expect(restarts).toContain(300)
})

test('objects without any series cause no request', async () => {
  const { engine, pass, sent } = open()
  engine.upsert(1, widget({ uid: 'g', name: 'g', namespace: '' }))
  await pass(5000)
  expect(sent).toHaveLength(0)
})
