import { expect, test } from 'vitest'
import type { AnyResource } from '../../src/families/family.ts'
import { createArrivals } from '../../src/runtime/arrivals.ts'
import type { DeliveryProgress, DestinationProgress } from '../../src/runtime/delivery-progress.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { planFingerprint, resourceName, scopeName } from '../../src/runtime/plan-fingerprint.ts'
import { createStandbyProgress } from '../../src/runtime/standby-progress.ts'
import type { ResourcePlan } from '../../src/selection/plan.ts'
import { createThing, resources } from '../store/universe.ts'
import { createFakeClock } from '../time/fake-clock.ts'

const [pods] = resources as [AnyResource]
const plan: ResourcePlan = { resource: pods, families: pods.families, labelKeys: undefined, annotationKeys: undefined }
const name = resourceName(plan)

interface Published {
  /** The revision of the changes of live objects; that of the stale markers by default. */
  readonly changes?: number
  readonly namespaces?: Readonly<Record<string, number>>
}

/** A standby to which events arrive, and what its leader publishes. */
function createStandby() {
  const clock = createFakeClock()
  const fail = () => expect.fail('nothing is wrong with these objects')
  const engine = createEngine({ now: clock.now, onFamilyError: fail, onDuplicates: () => {} })
  const ledger = engine.openLedger({ maxSeries: 1000, maxAgeMs: 300_000 })
  ledger.setMode('standby')
  engine.apply([plan])
  engine.markSynced(0)
  const arrivals = createArrivals({ clock, isStandby: () => ledger.mode === 'standby' })
  const standby = createStandbyProgress({ engine, arrivals, fingerprint: () => 'f', clock })
  const publish = (upTo: number, state: Published = {}, different: Partial<DeliveryProgress> = {}) => {
    const { changes = upTo, namespaces = {} } = state
    const published: DestinationProgress = {
      ...{
        lastTimestampMs: 1,
        oldestChangeMs: 0,
        revisions: new Map([[name, upTo]]),
        changes: new Map([[name, changes]]),
      },
      scopes: new Map(Object.entries(namespaces).map(([of, revision]) => [scopeName(plan, of), revision])),
    }
    const progress = {
      ...{ cluster: 'c', fingerprint: 'f', publishedAtMs: 1 },
      resources: new Map([[name, planFingerprint(plan)]]),
      destinations: new Map([['d', published]]),
      ...different,
    }
    standby.leaderPublished(progress, [{ name: 'd', ledger, lastTimestampMs: () => 0 }])
  }
  return {
    clock,
    ledger,
    publish,
    /** An event of an object `namespace/name` arrives. */
    put(object: string, at: number) {
      arrivals.of(0, namespaceIn(object)).arrived(String(at))
      engine.upsert(0, createThing(object, `uid of ${object}`, 1 + at * 7))
    },
    remove(object: string, at: number) {
      arrivals.of(0, namespaceIn(object)).arrived(String(at))
      engine.store.remove(0, `uid of ${object}`, 'deleted')
    },
    pending: () => [ledger.pending, ledger.pendingMarkers > 0],
  }
}

const namespaceIn = (object: string) => (object.includes('/') ? object.split('/')[0] : undefined)

test('what the leader has delivered is not sent at a takeover; what came later is', () => {
  const { clock, ledger, publish, put, remove, pending } = createStandby()
  put('a', 1)
  clock.advance(1)
  put('b', 2)
  publish(1)
  expect(pending()).toEqual([1, false])
  publish(2)
  expect(pending()).toEqual([0, false])
  clock.advance(1)
  put('c', 3)
  clock.advance(1)
  remove('a', 4)
  publish(3)
  expect(pending()).toEqual([0, true])
  publish(4)
  expect(pending()).toEqual([0, false])
  ledger.setMode('leading')
  expect(ledger.take({ markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }, () => true)).toBeUndefined()
  const refresh = { markers: true, changes: true, refreshBefore: Number.POSITIVE_INFINITY, refreshRows: 100 }
  expect(ledger.take(refresh, () => true)?.refreshedRows).toBeGreaterThan(0)
})

test('of changes within a millisecond either all are delivered, or all count as pending', () => {
  const { clock, publish, put, pending } = createStandby()
  clock.advance(0.4)
  put('a', 1)
  clock.advance(0.2)
  put('b', 2)
  publish(1)
  expect(pending()).toEqual([2, false])
  publish(2)
  expect(pending()).toEqual([0, false])
})

test('changes that the leader cannot send stay pending, while its stale markers are acknowledged', () => {
  const { clock, publish, put, remove, pending } = createStandby()
  put('a', 1)
  clock.advance(2000)
  put('b', 2)
  remove('a', 3)
  for (let i = 1; i <= 20; i++) {
    clock.advance(2000)
    publish(3, { changes: 1 })
  }
  expect(pending()).toEqual([1, false])
})

test.each<[string, Partial<DeliveryProgress>]>([
  ['another shard or other constant labels', { fingerprint: 'g' }],
  ['other families', { resources: new Map([[name, 'x']]) }],
  ['another destination', { destinations: new Map() }],
])('what a leader with %s delivers says nothing', (_what, different) => {
  const { clock, publish, put, remove, pending } = createStandby()
  put('a', 1)
  put('b', 2)
  remove('a', 3)
  for (let i = 0; i < 3; i++) {
    clock.advance(10_000)
    publish(3, {}, different)
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

test('in namespaces that are read alone, the busiest decides, until each has a revision of its own', () => {
  const { clock, publish, put, remove, pending } = createStandby()
  put('idle/a', 1)
  clock.advance(10)
  put('busy/b', 10)
  clock.advance(10)
  remove('idle/a', 5)
  publish(9)
  expect(pending()).toEqual([1, true])
  publish(4, { namespaces: { busy: 10, idle: 4 } })
  expect(pending()).toEqual([0, true])
  publish(4, { namespaces: { busy: 10, idle: 5 } })
  expect(pending()).toEqual([0, false])
})

test('what arrived while this process led is of no known time', () => {
  const { ledger, clock, publish, put, pending } = createStandby()
  put('a', 1)
  publish(1)
  ledger.setMode('leading')
  clock.advance(10)
  put('a', 2)
  clock.advance(10)
  put('b', 3)
  ledger.setMode('standby')
  clock.advance(10)
  put('c', 4)
  publish(2)
  expect(pending()).toEqual([3, false])
  publish(3)
  expect(pending()).toEqual([1, false])
})
