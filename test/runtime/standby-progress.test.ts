import { expect, test } from 'vitest'
import type { AnyResource } from '../../src/families/family.ts'
import type { DeliveryProgress } from '../../src/runtime/delivery-progress.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { planFingerprint, resourceName } from '../../src/runtime/plan-fingerprint.ts'
import { createStandbyProgress } from '../../src/runtime/standby-progress.ts'
import type { ResourcePlan } from '../../src/selection/plan.ts'
import { createThing, resources } from '../store/universe.ts'
import { createFakeClock } from '../time/fake-clock.ts'

const [pods] = resources as [AnyResource]
const plan: ResourcePlan = { resource: pods, families: pods.families, labelKeys: undefined, annotationKeys: undefined }

/** A standby that has come to a revision, and what its leader publishes. */
function createStandby() {
  const clock = createFakeClock()
  let revision = 0
  const revisionOf = () => revision
  let isListing = false
  const newestRevisionOf = () => (isListing || revision === 0 ? Number.POSITIVE_INFINITY : revision)
  const fail = () => expect.fail('nothing is wrong with these objects')
  const engine = createEngine({ now: clock.now, revisionOf, onFamilyError: fail, onDuplicates: () => {} })
  const ledger = engine.openLedger({ maxSeries: 1000, maxAgeMs: 300_000 })
  ledger.setMode('standby')
  engine.apply([plan])
  engine.markSynced(0)
  const standby = createStandbyProgress({ engine, reading: { newestRevisionOf }, fingerprint: () => 'f', clock })
  const publish = (upTo: number, oldestChangeMs = 0, changes: Partial<DeliveryProgress> = {}) => {
    const state = { lastTimestampMs: 1, oldestChangeMs, revisions: new Map([[resourceName(plan), upTo]]) }
    const progress = {
      ...{ cluster: 'c', fingerprint: 'f', publishedAtMs: 1 },
      resources: new Map([[resourceName(plan), planFingerprint(plan)]]),
      destinations: new Map([['d', state]]),
      ...changes,
    }
    standby.leaderPublished(progress, [{ name: 'd', ledger, lastTimestampMs: () => 0 }])
  }
  return {
    clock,
    ledger,
    publish,
    listing: (is: boolean) => (isListing = is),
    /** An event arrives. */
    put(name: string, at: number) {
      engine.upsert(0, createThing(name, `uid of ${name}`, 1 + 27 * 5 + 27 * 16))
      revision = at
    },
    remove(name: string, at: number) {
      engine.store.remove(0, `uid of ${name}`, 'deleted')
      revision = at
    },
    pending: () => [ledger.pending, ledger.pendingMarkers > 0],
  }
}

test('what the leader has delivered is not sent at a takeover; what came later is', () => {
  const { clock, ledger, publish, put, remove, pending } = createStandby()
  put('a', 1)
  put('b', 2)
  publish(1)
  expect(pending()).toEqual([2, false])
  clock.advance(6000)
  publish(2)
  clock.advance(6000)
  publish(2)
  expect(pending()).toEqual([0, false])
  put('c', 3)
  remove('a', 4)
  publish(3)
  expect(pending()).toEqual([1, true])
  clock.advance(4000)
  publish(4)
  expect(pending()).toEqual([1, false])
  clock.advance(10_000)
  publish(4)
  expect(pending()).toEqual([0, false])
  ledger.setMode('leading')
  expect(ledger.take({ markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }, () => true)).toBeUndefined()
  const refresh = { markers: true, changes: true, refreshBefore: Number.POSITIVE_INFINITY, refreshRows: 100 }
  expect(ledger.take(refresh, () => true)?.refreshedRows).toBeGreaterThan(0)
})

test('changes that the leader cannot send stay pending, while its stale markers are acknowledged', () => {
  const { clock, publish, put, remove, pending } = createStandby()
  put('a', 1)
  put('b', 2)
  remove('a', 3)
  for (let i = 1; i <= 20; i++) {
    clock.advance(2000)
    publish(3, i * 2000 + 100)
  }
  expect(pending()).toEqual([1, false])
})

test.each<[string, Partial<DeliveryProgress>]>([
  ['another shard or other constant labels', { fingerprint: 'g' }],
  ['other families', { resources: new Map([[resourceName(plan), 'x']]) }],
  ['another destination', { destinations: new Map() }],
])('what a leader with %s delivers says nothing', (_what, changes) => {
  const { clock, publish, put, remove, pending } = createStandby()
  put('a', 1)
  put('b', 2)
  remove('a', 3)
  for (let i = 0; i < 3; i++) {
    clock.advance(10_000)
    publish(3, 0, changes)
  }
  expect(pending()).toEqual([1, true])
})

test('a leader that has not come as far as the standby was at its start settles nothing', () => {
  const { clock, publish, put, pending } = createStandby()
  put('a', 5)
  for (let i = 0; i < 3; i++) {
    clock.advance(10_000)
    publish(4)
  }
  expect(pending()).toEqual([1, false])
})

test('what arrives with a list may be newer than what was reported before: until the list is complete it settles nothing', () => {
  const { clock, listing, publish, put, remove, pending } = createStandby()
  put('a', 1)
  clock.advance(10_000)
  publish(1)
  clock.advance(10_000)
  publish(1)
  expect(pending()).toEqual([0, false])
  listing(true)
  // A change of the list, which the leader has not come to.
  remove('a', 1)
  for (let i = 0; i < 3; i++) {
    clock.advance(10_000)
    publish(1)
  }
  expect(pending()).toEqual([0, true])
})
