import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { createSystemClock, delay, settledOrAborted } from '../../src/time/clock.ts'
import { createFakeClock } from './fake-clock.ts'

it('reports what a timer throws, which would end the process', async () => {
  const failure = await new Promise((resolve) => {
    createSystemClock(resolve).after(0, () => {
      throw new Error('the session has been destroyed')
    })
  })
  expect(failure).toEqual(new Error('the session has been destroyed'))
})

it('does not call back what was cancelled', async () => {
  const called: string[] = []
  const clock = createSystemClock(() => {})
  clock.after(0, () => called.push('cancelled'))()
  await new Promise<void>((resolve) => clock.after(1, resolve))
  expect(called).toEqual([])
})

it('has whole Unix milliseconds beside the monotonic ones', () => {
  const clock = createSystemClock(() => {})
  expect(Number.isInteger(clock.wallMs())).toBe(true)
  expect(new Date(clock.wallMs()).getFullYear()).toBeGreaterThan(2020)
  expect(clock.now()).toBeLessThanOrEqual(clock.now())
})

it('waits for the delay, or until the signal aborts', async () => {
  const clock = createFakeClock()
  const ended: string[] = []
  const wait = (name: string, ms: number, signal: AbortSignal) => delay(clock, ms, signal).then(() => ended.push(name))
  const stopping = new AbortController()
  const waits = [wait('elapsed', 100, new AbortController().signal), wait('aborted', 1e9, stopping.signal)]
  await wait('aborted before', 1e9, AbortSignal.abort())
  expect(ended).toEqual(['aborted before'])
  clock.advance(100)
  await waits[0]
  expect(ended).toEqual(['aborted before', 'elapsed'])
  stopping.abort()
  await waits[1]
  expect(ended).toEqual(['aborted before', 'elapsed', 'aborted'])
})

it('waits for work, or until the signal aborts, and leaves nothing with a signal that never does', async () => {
  const stopping = new AbortController()
  const { signal } = stopping
  for (let i = 0; i < 3; i++) {
    await settledOrAborted(Promise.resolve(), signal)
    await settledOrAborted(Promise.reject(new Error('refused')), signal)
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const waiting = settledOrAborted(new Promise(() => {}), signal)
  stopping.abort()
  await waiting
  await settledOrAborted(new Promise(() => {}), signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
