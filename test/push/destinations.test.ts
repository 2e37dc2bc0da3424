/** Two destinations over one store: each gets its selection on its own schedule, and none waits for the other. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Answer } from '../../src/push/transport.ts'
import type { FakeClock } from '../time/fake-clock.ts'
import type { SentRequest } from './fake-transport.ts'
import { accepted, createFakeTransport, objectsOf, unavailable } from './fake-transport.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import { widget, widgetResource } from './widgets.ts'

type Respond = (request: SentRequest) => Answer | 'hold'

function startTwo(respond: Respond, first: PushingOptions = {}, second: PushingOptions = {}) {
  const [ours, theirs] = [createFakeTransport(), createFakeTransport(respond)]
  const a = startPushing(ours.transport, first)
  const b = startPushing(theirs.transport, { ...second, engine: a.engine }, a.clock)
  return { a: { ...a, ...ours }, b: { ...b, ...theirs }, engine: a.engine, clock: a.clock }
}

async function pass(clock: FakeClock, ms: number, stepMs = 1000) {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(left, stepMs))
    await yieldToEventLoop()
  }
}

const put = ({ engine }: Pick<ReturnType<typeof startTwo>, 'engine'>, name: string, restarts = 0, namespace?: string) =>
  engine.upsert(
    widgetResource,
    widget({ uid: `uid-${name}`, name, restarts, ...(namespace === undefined ? {} : { namespace }) }),
  )

const namesOf = ({ points }: SentRequest) => new Set(points.map(({ name }) => name))

test.each<[string, Respond]>([
  ['hangs', () => 'hold'],
  ['refuses every request', () => unavailable],
  ['rejects all content', () => ({ kind: 'invalid', message: 'no' })],
])(
  'a destination that %s for five minutes delays no change of the other, and needs no memory for it',
  async (_, respond) => {
    const two = startTwo(respond)
    const { a, b, clock } = two
    for (let i = 0; i < 50; i++) put(two, `w${i}`)
    await pass(clock, 5000)
    const delays: number[] = []
    for (let second = 1; second <= 300; second++) {
      put(two, `w${second % 50}`, second)
      if (second % 10 === 0) two.engine.store.remove(widgetResource, 'uid-w7', 'deleted')
      const before = a.sent.length
      await pass(clock, 1000)
      const sent = a.sent.slice(before).findIndex((request) => objectsOf(request).includes(`w${second % 50}`))
      delays.push(sent)
      expect(b.ledger.pending + b.ledger.setAside).toBeLessThanOrEqual(50)
      expect(b.pusher.stats().inFlight).toBeLessThanOrEqual(4)
    }
    // Each change is in a request of the tick after it.
    expect(delays.filter((index) => index < 0)).toEqual([])
    expect(a.pusher.stats().failures).toBe(0)
    expect(a.ledger.pending).toBe(0)
    b.state.respond = () => accepted
    await pass(clock, 120_000)
    expect([b.ledger.pending, b.ledger.setAside, b.ledger.pendingMarkers]).toEqual([0, 0, 0])
  },
)

test('each refreshes everything in its own interval', async () => {
  const two = startTwo(() => accepted, { intervalMs: 20_000 }, { intervalMs: 60_000 })
  for (let i = 0; i < 30; i++) put(two, `w${i}`)
  await pass(two.clock, 5000)
  const points = () => [two.a, two.b].map(({ sent }) => sent.reduce((sum, { points }) => sum + points.length, 0))
  const [firstBefore = 0, secondBefore = 0] = points()
  await pass(two.clock, 120_000)
  const [first = 0, second = 0] = points()
  expect((first - firstBefore) / (second - secondBefore)).toBeCloseTo(3, 0)
})

test('families that are not selected are never sent, nor their stale markers', async () => {
  const known = startPushing(createFakeTransport().transport).engine.store.registry
  const selection = {
    includesFamily: (family: number) => known.family(family).name === 'widget_created',
    includesNamespace: () => true,
  }
  const two = startTwo(() => accepted, {}, { selection })
  put(two, 'x')
  await pass(two.clock, 2000)
  expect(namesOf(two.a.sent[0] as SentRequest).size).toBeGreaterThan(2)
  two.engine.store.remove(widgetResource, 'uid-x', 'deleted')
  expect(two.b.ledger.pendingMarkers).toBe(1)
  expect(two.a.ledger.pendingMarkers).toBeGreaterThan(2)
  await pass(two.clock, 90_000)
  expect(two.b.ledger.pendingMarkers).toBe(0)
  expect(new Set(two.b.sent.flatMap((request) => [...namesOf(request)]))).toEqual(new Set(['widget_created']))
  expect(two.b.sent.at(-1)?.points).toMatchObject([{ name: 'widget_created', point: { noRecordedValue: true } }])
})

test('objects of other namespaces are not sent, do not count as pending, and leave without stale markers', async () => {
  const selection = { includesFamily: () => true, includesNamespace: (namespace: string) => namespace === 'web' }
  const two = startTwo(() => accepted, {}, { selection })
  put(two, 'in', 0, 'web')
  put(two, 'out', 0, 'db')
  expect([two.a.ledger.pending, two.b.ledger.pending]).toEqual([2, 1])
  await pass(two.clock, 2000)
  put(two, 'out', 1, 'db')
  expect(two.b.ledger.pending).toBe(0)
  two.b.ledger.setMode('standby')
  for (const name of ['in', 'out']) two.engine.store.remove(widgetResource, `uid-${name}`, 'deleted')
  two.b.ledger.setMode('leading')
  await pass(two.clock, 5000)
  expect(new Set(two.a.sent.flatMap(objectsOf))).toEqual(new Set(['in', 'out']))
  expect(new Set(two.b.sent.flatMap(objectsOf))).toEqual(new Set(['in']))
  expect(two.b.ledger.rows).toBe(0)
})

test('the refresh of a small selection is spread over the interval too', async () => {
  const selection = { includesFamily: () => true, includesNamespace: (namespace: string) => namespace === 'web' }
  const two = startTwo(() => accepted, {}, { selection })
  for (let i = 0; i < 300; i++) put(two, `w${i}`, 0, i % 10 === 0 ? 'web' : 'db')
  await pass(two.clock, 60_000)
  const before = two.b.sent.length
  await pass(two.clock, 60_000)
  const requests = two.b.sent.slice(before)
  expect(new Set(requests.flatMap(objectsOf)).size).toBe(30)
  const refreshed = requests.reduce((sum, request) => sum + objectsOf(request).length, 0)
  expect(refreshed).toBeLessThanOrEqual(40)
  expect(Math.max(...requests.map((request) => objectsOf(request).length))).toBeLessThanOrEqual(3)
})
