/** The last flush of the pusher at shutdown. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { accepted, objectsOf } from './fake-transport.ts'
import { openPushing } from './pushing-in-memory.ts'
import { widgetResource } from './widgets.ts'

test('the last flush sends only what is pending, then closes the transport', async () => {
  const { put, pass, sent, stop, pusher, store, state } = openPushing()
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

test('the last flush waits for the response to a request in flight, then sends the newer content of its objects', async () => {
  const { put, pass, sent, stop, pusher } = openPushing({}, (_request, index) => (index === 0 ? 'hold' : accepted))
  put({ name: 'a', restarts: 1 })
  await pass(1000)
  put({ name: 'a', restarts: 2 })
  stop()
  const flushed = pusher.flush(5000)
  await yieldToEventLoop()
  sent[0]?.answer(accepted)
  expect(await flushed).toBe(true)
  expect(sent).toHaveLength(2)
})

test('the last flush ends with the grace period, even with a request in flight', async () => {
  const { put, pass, sent, stop, pusher, clock, state } = openPushing({}, () => 'hold')
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
