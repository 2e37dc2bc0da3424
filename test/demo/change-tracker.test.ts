/** Which changes are timed, and from when. */
import { beforeEach, expect, test } from 'vitest'
import type { ChangeTracker } from '../../demo/change-tracker.ts'
import { createChangeTracker } from '../../demo/change-tracker.ts'

const owner = 'pods shop/web-0'
let timed: number[]
let tracker: ChangeTracker
const change = (before: string, after: string, atMs: number) => tracker.changed({ owner, before, after, atMs })

beforeEach(() => {
  timed = []
  tracker = createChangeTracker({
    add: (_atMs, latencyMs) => void timed.push(latencyMs),
    recent: () => undefined,
    total: () => undefined,
  })
})

test('the latency ends with the first new point of the object', () => {
  change('a', 'b', 1000)
  tracker.arrived('pods shop/web-1', 1500, 1510)
  expect([timed, tracker.pending]).toEqual([[], 1])
  tracker.arrived(owner, 1500, 1520)
  tracker.arrived(owner, 1500, 1520)
  expect([timed, tracker.pending, tracker.effective]).toEqual([[520], 0, 1])
})

test('changes that arrive together are all timed; a later one waits for the next point', () => {
  change('a', 'b', 1000)
  change('b', 'c', 1400)
  change('c', 'd', 1600)
  tracker.arrived(owner, 1500, 1510)
  expect([timed, tracker.pending]).toEqual([[510, 110], 1])
  tracker.arrived(owner, 2500, 2510)
  expect([timed, tracker.pending]).toEqual([[510, 110, 910], 0])
})

test('a change without effect on series is not pending', () => {
  change('a', 'a', 1000)
  change('', '', 1100)
  expect([tracker.pending, tracker.effective]).toEqual([0, 0])
})

test('a change reverted before it was sent is dropped, one reverted later is timed', () => {
  change('a', 'b', 1000)
  change('b', 'a', 1100)
  expect(tracker.pending).toBe(0)
  change('a', 'b', 2000)
  tracker.arrived(owner, 2500, 2510)
  change('b', 'a', 3000)
  tracker.arrived(owner, 3500, 3540)
  expect([timed, tracker.pending]).toEqual([[510, 540], 0])
})

test('the end of a short-lived object is timed, too', () => {
  change('', 'a', 1000)
  tracker.arrived(owner, 1500, 1500)
  change('a', '', 2000)
  tracker.arrived(owner, 2500, 2600)
  expect(timed).toEqual([500, 600])
})

test('a change that never arrives is dropped after a while', () => {
  change('a', 'b', 0)
  tracker.changed({ owner: 'pods shop/web-1', before: 'a', after: 'b', atMs: 400_000 })
  expect(tracker.pending).toBe(1)
})
