/** A feed and the store: what a relist does not contain ends with stale markers, what was handed over without. */
import { describe, expect, test } from 'vitest'
import type { AnyResource } from '../../src/families/family.ts'
import { pods } from '../../src/families/resources/pods.ts'
import { secrets } from '../../src/families/resources/secrets.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { Feed } from '../../src/runtime/feed.ts'
import { createPlan } from '../../src/selection/create-plan.ts'

const selection = {
  resources: ['pods', 'secrets'],
  metricAllowlist: ['^kube_pod_info$', '^kube_secret_type$'],
  metricDenylist: [],
  metricOptInList: [],
  labelsAllowList: new Map(),
  annotationsAllowList: new Map(),
}
const decode = compileJsonDecoder(pods.schema)
const pod = (name: string) => decode({ metadata: { name, namespace: 'shop', uid: name } })
const decodeSecret = compileJsonDecoder(secrets.schema)
const secret = (name: string, uid = name, type = 'Opaque') =>
  decodeSecret({ metadata: { name, namespace: 'shop', uid }, type })

function createFedStore(handsOver: boolean, resource: AnyResource = pods, firstListHandsOver = handsOver) {
  const fail = () => expect.fail('nothing is wrong with these objects')
  const plan = createPlan([resource], selection)
  const slices: (() => void)[] = []
  const defer = (slice: () => void) => void slices.push(slice)
  const engine = createEngine({ now: () => 0, onFamilyError: fail, onDuplicates: fail, defer })
  engine.apply(plan)
  const ledger = engine.openLedger({ maxSeries: 100, maxAgeMs: 1000 })
  const createFeed = () =>
    new Feed(
      {
        ...{ engine, resource: 0, handsOver, firstListHandsOver, history: { arrived() {} } },
        owns: (uid) => !uid.startsWith('foreign'),
        onSettled: () => engine.markSynced(0),
      },
      undefined,
    )
  const feed = createFeed()
  const receiveList = (...names: string[]) => {
    feed.listBegan('')
    for (const name of names) feed.upserted(pod(name))
    feed.listEnded('1')
  }
  const finishSlices = () => {
    for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) slice()
  }
  const list = (...names: string[]) => {
    receiveList(...names)
    finishSlices()
  }
  /** As if everything that is due had arrived. */
  const deliver = () => {
    const due = { markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }
    ledger.take(due, () => true)?.batch.acknowledge(0)
  }
  return { feed, createFeed, list, receiveList, slices, finishSlices, deliver, ledger, store: engine.store }
}

test('objects that a relist does not contain end; objects of other shards are ignored', () => {
  const { list, deliver, store, ledger } = createFedStore(false)
  list('a', 'b', 'foreign')
  expect(store.objects(0)).toBe(2)
  deliver()
  list('b')
  expect(store.objects(0)).toBe(1)
  expect(ledger.pendingMarkers).toBe(1)
})

const endings = [
  { ending: 'a watch event', leave: ({ feed }: ReturnType<typeof createFedStore>) => feed.deleted(pod('a')) },
  { ending: 'a list without it', leave: ({ list }: ReturnType<typeof createFedStore>) => list('b') },
]
describe.each(endings)('an object that leaves by $ending', ({ leave }) => {
  test.each([
    { handsOver: false, markers: 1 },
    { handsOver: true, markers: 0 },
  ])('leaves $markers stale markers when handsOver is $handsOver', ({ handsOver, markers }) => {
    const fed = createFedStore(handsOver)
    fed.list('a', 'b')
    fed.deliver()
    leave(fed)
    expect(fed.store.objects(0)).toBe(1)
    expect(fed.ledger.pendingMarkers).toBe(markers)
  })
})

test('what another selection leaves out of its first list ends with stale markers; later lists hand over', () => {
  const { createFeed, list, deliver, finishSlices, store, ledger } = createFedStore(true, pods, false)
  list('a', 'b', 'c')
  deliver()
  const next = createFeed()
  const listNext = (...names: string[]) => {
    next.listBegan('')
    for (const name of names) next.upserted(pod(name))
    next.listEnded('1')
    finishSlices()
  }
  listNext('b', 'c')
  expect([store.objects(0), ledger.pendingMarkers]).toEqual([2, 1])
  listNext('c')
  next.deleted(pod('c'))
  expect([store.objects(0), ledger.pendingMarkers]).toEqual([0, 1])
})

describe('an object that is created again in another shard', () => {
  /** Secrets a and b were sent. */
  function createFedSecrets() {
    const fed = createFedStore(false, secrets)
    fed.feed.listBegan('')
    for (const name of ['a', 'b']) fed.feed.upserted(secret(name))
    fed.feed.listEnded('1')
    fed.finishSlices()
    fed.deliver()
    return fed
  }

  test('cancels the stale markers of the series that it has', () => {
    const { feed, ledger } = createFedSecrets()
    feed.deleted(secret('a'))
    feed.deleted(secret('b'))
    expect(ledger.pendingMarkers).toBe(2)
    feed.upserted(secret('a', 'foreign'))
    expect(ledger.pendingMarkers).toBe(1)
  })

  test('keeps the stale markers of series that it does not have', () => {
    const { feed, ledger } = createFedSecrets()
    feed.deleted(secret('a'))
    feed.upserted(secret('a', 'foreign', 'kubernetes.io/tls'))
    expect(ledger.pendingMarkers).toBe(1)
  })

  test.each([
    { type: 'Opaque', markers: 0 },
    { type: 'kubernetes.io/tls', markers: 1 },
  ])('and is first seen in a list, with the type $type, leaves $markers stale markers', ({ type, markers }) => {
    const { feed, ledger, store, finishSlices } = createFedSecrets()
    feed.listBegan('')
    feed.upserted(secret('a', 'foreign', type))
    feed.upserted(secret('b'))
    feed.listEnded('1')
    finishSlices()
    expect(store.objects(0)).toBe(1)
    expect(ledger.pendingMarkers).toBe(markers)
  })
})

test('the initial list is admitted in slices, whatever changes between them', () => {
  const { receiveList, slices, finishSlices, feed, store, ledger } = createFedStore(false)
  const names = Array.from({ length: 12_000 }, (_, i) => `pod-${i}`)
  receiveList(...names)
  expect(ledger.pending).toBe(5_000)
  for (const name of ['pod-0', 'pod-6000', 'pod-11999']) feed.deleted(pod(name))
  for (const name of ['pod-1', 'new']) feed.upserted(pod(name))
  slices.shift()?.()
  expect(ledger.pending).toBeLessThan(store.objects(0))
  finishSlices()
  expect(ledger.pending).toBe(11_998)
})

test('a feed that is stopped changes nothing, even if its list completes', () => {
  const { feed, list, store, finishSlices, slices } = createFedStore(false)
  list('a', 'b')
  feed.listBegan('')
  feed.upserted(pod('b'))
  feed.stop()
  feed.upserted(pod('c'))
  feed.deleted(pod('b'))
  feed.listEnded('1')
  expect(slices).toEqual([])
  finishSlices()
  expect(store.objects(0)).toBe(2)
})

test('what was read for a former plan is outdated until the next list is complete', () => {
  const { feed, list, receiveList } = createFedStore(false)
  list('a')
  expect(feed.isOutdated).toBe(false)
  feed.planChanged()
  feed.listBegan('1')
  expect(feed.isOutdated).toBe(true)
  receiveList('a')
  expect(feed.isOutdated).toBe(false)
})
