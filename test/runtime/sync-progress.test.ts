import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEngine } from '../../src/runtime/engine.ts'
import { startSyncProgress } from '../../src/runtime/sync-progress.ts'
import type { Readiness } from '../../src/server/telemetry-server.ts'
import { createLog } from '../../src/telemetry/log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createProgress() {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const state: { answer: Readiness } = { answer: { ready: false, lines: ['0 of 12 lists complete'] } }
  const readiness = vi.fn(() => state.answer)
  const fail = () => expect.fail('there are no objects')
  const { store } = createEngine({ now: () => 0, onFamilyError: fail, onDuplicates: fail })
  const log = createLog({ level: 'info', format: 'json', destination })
  const progress = startSyncProgress({ log, store, readiness, now: () => Date.now() })
  return { progress, records, state, readiness }
}

test('says that all is listed at the event, not at the next summary', () => {
  const { progress, records, state } = createProgress()
  state.answer = { ready: true, lines: ['12 of 12 lists complete'] }
  progress.changed()
  vi.advanceTimersByTime(0)
  expect(records).toMatchObject([{ level: 'info', message: expect.stringMatching(/^ready/), seconds: 0 }])
  vi.advanceTimersByTime(60_000)
  expect(records).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('looks once, however many events come together', () => {
  const { progress, readiness } = createProgress()
  for (let i = 0; i < 100; i++) progress.changed()
  vi.advanceTimersByTime(0)
  expect(readiness).toHaveBeenCalledTimes(1)
})

test('while it lasts there is a summary every five seconds, of ten lines at most', () => {
  const { records, state } = createProgress()
  const missing = Array.from({ length: 12 }, (_, i) => `kind-${i}: listing`)
  state.answer = { ready: false, lines: ['0 of 12 lists complete', ...missing] }
  vi.advanceTimersByTime(10_000)
  expect(records).toHaveLength(2)
  expect(records[0]).toMatchObject({
    message: 'syncing: 0 of 12 lists complete',
    missing: [...missing.slice(0, 10), 'and 2 more'],
  })
})

test('what can never be read is a warning', () => {
  const { progress, records, state } = createProgress()
  state.answer = { ready: true, lines: ['11 of 12 lists complete', 'secrets: forbidden'] }
  progress.changed()
  vi.advanceTimersByTime(0)
  expect(records).toMatchObject([{ level: 'warn', missing: ['secrets: forbidden'] }])
})

test('stopped, it keeps no timer', () => {
  const { progress, records } = createProgress()
  progress.stop()
  progress.changed()
  vi.advanceTimersByTime(60_000)
  expect(records).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
