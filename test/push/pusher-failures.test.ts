/** The pusher while its endpoint fails, hangs or rejects credentials: retries, delays, what is sent on recovery. */
import { expect, test } from 'vitest'
import type { Answer } from '../../src/push/transport.ts'
import { createSystemClock } from '../../src/time/clock.ts'
import { createFakeClock } from '../time/fake-clock.ts'
import type { SentRequest } from './fake-transport.ts'
import { accepted, createFakeTransport, invalid, objectsOf, unavailable } from './fake-transport.ts'
import { startPushing } from './pushing.ts'
import { manyNames, openPushing } from './pushing-in-memory.ts'
import { widget, widgetResource } from './widgets.ts'

test('after an outage changes are sent first, and the refresh does not catch up', async () => {
  const { put, pass, sent, state } = openPushing()
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

test('a request without a response times out, and its content is encoded again', async () => {
  const { put, pass, sent, reports } = openPushing({ timeoutMs: 5000 }, (_request, index) =>
    index === 0 ? 'hold' : accepted,
  )
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

test('the memory of a request is used again once it is accepted, not after a failure', async () => {
  const { put, pass, sent, state } = openPushing()
  const send = async (response: Answer) => {
    state.respond = () => response
    put({ name: 'a', restarts: sent.length })
    const before = sent.length
    await pass(10_000)
    return sent.slice(before).map(({ bytes }) => bytes.buffer)
  }
  const [first, second] = [await send(accepted), await send(accepted)]
  expect(second[0]).toBe(first[0])
  // The socket may still hold bytes of a request that failed.
  const failed = await send(unavailable)
  const later = await send(accepted)
  expect(failed.length).toBeGreaterThan(1)
  expect(new Set(failed).size).toBe(failed.length)
  expect(failed).not.toContain(later[0])
})

test('while the endpoint fails one request at a time is sent, with growing delays; start and end are logged once', async () => {
  const { put, pass, sent, state, lines, pusher } = openPushing({ maxRequestBytes: 1200 }, () => unavailable)
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

test('a retry delay that the receiver asks for is respected', async () => {
  const busy: Answer = { kind: 'retry_after', delayMs: 20_000, message: 'RESOURCE_EXHAUSTED: busy' }
  const { put, pass, sent } = openPushing({}, (_request, index) => (index === 0 ? busy : accepted))
  put({ name: 'a' })
  await pass(20_999)
  expect(sent).toHaveLength(1)
  await pass(2001)
  expect(sent.slice(0, 2).map(objectsOf)).toEqual([['a'], ['a']])
})

test('credentials that were rejected are read again before the next attempt', async () => {
  const { put, pass, sent, state, lines } = openPushing({}, (_request, index) =>
    index === 0 ? ({ kind: 'denied', message: 'UNAUTHENTICATED: who are you' } as const) : accepted,
  )
  put({ name: 'a' })
  await pass(1000)
  expect(state.renewals).toBe(1)
  expect(lines[0]).toMatchObject({ outcome: 'denied', reason: 'UNAUTHENTICATED: who are you' })
  await pass(2000)
  expect(sent.length).toBeGreaterThan(1)
})

test('while the endpoint is down no object is set aside, however long that takes', async () => {
  const { put, pass, ledger, counts, state, sent } = openPushing({ maxRequestBytes: 5000 }, () => unavailable)
  for (const name of manyNames(200)) put({ name })
  await pass(3_600_000, 5000)
  expect(counts.setAside).toBe(0)
  state.respond = () => accepted
  sent.length = 0
  await pass(15_000)
  expect(ledger).toMatchObject({ pending: 0, setAside: 0, inFlight: 0 })
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(200)
})

test('stale markers that are too old or too many are dropped and counted', async () => {
  const { put, pass, store, state, counts } = openPushing({ markers: { maxSeries: 6, maxAgeMs: 20_000 } })
  for (const name of ['a', 'b', 'c']) put({ name })
  await pass(1000)
  state.respond = () => unavailable
  for (const name of ['a', 'b', 'c']) store.remove(widgetResource, `uid-${name}`, 'deleted')
  await pass(1000)
  expect(counts.dropped).toBe(8)
  await pass(25_000)
  expect(counts.dropped).toBe(12)
})

test('with a flush interval of zero the rest of an interval is sent when the endpoint works again', async () => {
  const { put, pass, sent, state } = openPushing({ flushIntervalMs: 0, maxRequestBytes: 1200 })
  for (const name of manyNames(9)) put({ name })
  await pass(60_000)
  sent.length = 0
  state.respond = (_request, index) => (index < 2 ? unavailable : accepted)
  await pass(65_000, 500)
  state.respond = () => accepted
  expect(new Set(sent.flatMap(objectsOf)).size).toBe(9)
})

test('a destination that hangs, rejects or is down delays no other, and gets everything when it works again', async () => {
  const { engine, put, pass, sent, clock, store } = openPushing({}, () => accepted)
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

test('a tick that throws is reported and does not end the process; the next tick sends', async () => {
  const failures: unknown[] = []
  const { promise: hasSent, resolve } = Promise.withResolvers<void>()
  const { transport, sent } = createFakeTransport(() => {
    resolve()
    return accepted
  })
  const clock = { ...createFakeClock(), ...createSystemClock((failure) => failures.push(failure)) }
  const mayPush = () => {
    if (failures.length === 0) throw new Error('the first tick')
    return true
  }
  const { engine, stop } = startPushing(transport, { flushIntervalMs: 5, mayPush }, clock)
  engine.upsert(widgetResource, widget({ uid: 'uid-a', name: 'a' }))
  await hasSent
  stop()
  expect(failures).toEqual([new Error('the first tick')])
  expect(sent.map(objectsOf)).toEqual([['a']])
})

test.each([
  ['rejects', () => Promise.reject(new Error('a fault of the transport'))],
  [
    'throws',
    () => {
      throw new Error('a fault of the transport')
    },
  ],
] as const)('a transport that %s ends nothing: its request is sent again', async (_way, fail) => {
  let failures = 0
  const pushing = openPushing({}, () => {
    failures += 1
    return failures === 1 ? (fail() as never) : accepted
  })
  pushing.put({ name: 'a' })
  await pushing.pass(10_000)
  pushing.stop()
  expect(failures).toBeGreaterThan(1)
  expect(pushing.pusher.stats()).toMatchObject({ inFlight: 0, failures: 0 })
  expect(pushing.ledger.pending).toBe(0)
})
