/** The push of a standby, and its start and end as the leader. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Answer } from '../../src/push/transport.ts'
import { accepted, createFakeTransport, objectsOf, unavailable } from './fake-transport.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import { widget, widgetResource } from './widgets.ts'

/** A standby, until `lead` is called. */
function standBy(respond: () => Answer = () => accepted, options: PushingOptions = {}) {
  const fake = createFakeTransport(respond)
  let mayPush = false
  const pushing = startPushing(fake.transport, { ...options, mayPush: () => mayPush })
  const { ledger, pusher, clock, engine } = pushing
  ledger.setMode('standby')
  return {
    ...pushing,
    ...fake,
    put: (name: string) => engine.upsert(widgetResource, widget({ uid: `uid-${name}`, name })),
    remove: (name: string) => engine.store.remove(widgetResource, `uid-${name}`, 'deleted'),
    lead(afterTimestampMs = 0) {
      mayPush = true
      ledger.setMode('leading')
      pusher.raiseTimestamps(afterTimestampMs)
      pusher.resume()
    },
    loseLead() {
      mayPush = false
      ledger.setMode('standby')
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 1000) {
        clock.advance(Math.min(left, 1000))
        await yieldToEventLoop()
      }
    },
  }
}

test('a standby sends nothing, and counts stale markers that expire in it as no loss', async () => {
  const { put, remove, pass, sent, lines, counts, gauges, pusher } = standBy()
  for (const name of ['a', 'b']) put(name)
  await pass(10_000)
  remove('a')
  await pass(600_000)
  expect(sent).toEqual([])
  expect(lines).toEqual([])
  expect(counts.dropped).toBe(0)
  expect(gauges.get('kube_state_otlp_push_oldest_change_age_seconds')?.()).toEqual([{ value: 0 }])
  expect(gauges.get('kube_state_otlp_push_pending_objects')?.()).toEqual([{ value: 0 }])
  expect(pusher.lastTimestampMs()).toBe(0)
})

test('a new leader immediately sends live and ended series, with timestamps above those of the leader before', async () => {
  const { put, remove, pass, sent, lead, clock, pusher } = standBy()
  for (const name of ['a', 'b']) put(name)
  await pass(10_000)
  remove('a')
  await pass(5000)
  const floorMs = clock.wallMs() + 3000
  lead(floorMs)
  await yieldToEventLoop()
  expect(sent.flatMap(objectsOf).sort()).toEqual(['a', 'b'])
  const stale = sent.flatMap(({ points }) => points).filter(({ point }) => point.noRecordedValue)
  expect(stale.length).toBeGreaterThan(0)
  expect(Math.min(...sent.map(({ timestampMs }) => timestampMs))).toBeGreaterThan(floorMs)
  expect(pusher.lastTimestampMs()).toBeGreaterThan(floorMs)
})

test('a new leader sends nothing twice within a flush interval: its ticks follow the takeover', async () => {
  const { put, pass, sent, lead } = standBy()
  put('a')
  await pass(10_600)
  lead()
  await pass(100)
  const before = sent.length
  put('a2')
  await pass(800)
  expect(sent).toHaveLength(before)
  await pass(200)
  expect(sent.slice(before).flatMap(objectsOf)).toContain('a2')
})

test('a new leader begins to refresh with the first tick after the takeover: the former one may just have done so', async () => {
  const { put, pass, sent, lead, ledger } = standBy()
  put('a')
  await pass(120_000)
  ledger.deliveredElsewhere(widgetResource, { markersUntil: 0, changesUntil: Number.POSITIVE_INFINITY }, 0)
  lead()
  await pass(900)
  expect(sent).toEqual([])
  await pass(200)
  expect(sent.flatMap(objectsOf)).toEqual(['a'])
})

test('a new leader that sends everything at each interval begins with all of it', async () => {
  const { put, pass, sent, lead, ledger } = standBy(() => accepted, { flushIntervalMs: 0 })
  put('a')
  await pass(1000)
  ledger.deliveredElsewhere(widgetResource, { markersUntil: 0, changesUntil: Number.POSITIVE_INFINITY }, 0)
  await pass(1000)
  lead()
  await yieldToEventLoop()
  expect(sent.flatMap(objectsOf)).toEqual(['a'])
})

test('a replica that loses the lead stops sending and retrying, and resumes when it leads again', async () => {
  let answer: Answer = unavailable
  const { put, pass, sent, lead, loseLead } = standBy(() => answer)
  put('a')
  lead()
  await pass(5000)
  expect(sent.length).toBeGreaterThan(0)
  loseLead()
  await pass(1)
  const before = sent.length
  answer = accepted
  await pass(120_000)
  expect(sent).toHaveLength(before)
  lead()
  await pass(1000)
  expect(sent.slice(before).flatMap(objectsOf)).toContain('a')
})

test('a standby stops without waiting', async () => {
  const { put, pusher, sent } = standBy()
  put('a')
  await pusher.flush(60_000)
  expect(sent).toEqual([])
})
