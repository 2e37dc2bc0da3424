/** A feed's ways with the store: what a relist misses departs, what was handed over goes without a marker. */
import { expect, test } from 'vitest'
import { pods } from '../../src/families/resources/pods.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { createFeed } from '../../src/runtime/feed.ts'
import { createPlan } from '../../src/selection/create-plan.ts'

const selection = {
  resources: ['pods'],
  metricAllowlist: ['^kube_pod_info$'],
  metricDenylist: [],
  metricOptInList: [],
  labelsAllowList: new Map(),
  annotationsAllowList: new Map(),
}
const decode = compileJsonDecoder(pods.schema)
const pod = (name: string) => decode({ metadata: { name, namespace: 'shop', uid: name } })

function createFedStore(handsOver: boolean) {
  const fail = () => expect.fail('nothing is wrong with these objects')
  const push = { maxDeparted: 100, departedMaxAgeMs: 1000 }
  const plan = createPlan([pods], selection)
  const engine = createEngine({ plan, now: () => 0, push, onFamilyError: fail, onDuplicates: fail })
  const turns: (() => void)[] = []
  const feed = createFeed({
    engine,
    resource: 0,
    namespace: undefined,
    admits: ({ metadata }) => metadata.name !== 'foreign',
    handsOver,
    onListed: () => engine.store.markSynced(0),
    onNextTurn: (callback) => turns.push(callback),
  })
  const list = (...names: string[]) => {
    feed.listBegan()
    for (const name of names) feed.upserted(pod(name))
    feed.listEnded()
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn()
  }
  /** As if everything that is due had arrived. */
  const deliver = () => {
    const due = { departures: true, changes: true, refreshBefore: 0, refreshRows: 0 }
    engine.store.delivery?.claim(due, () => true)?.claim.acknowledge(0)
  }
  return { feed, list, deliver, store: engine.store }
}

test('what a relist misses departs, and foreign objects are left alone', () => {
  const { list, deliver, store } = createFedStore(false)
  list('a', 'b', 'foreign')
  expect(store.objects(0)).toBe(2)
  deliver()
  list('b')
  expect(store.objects(0)).toBe(1)
  expect(store.departures?.series).toBe(1)
})

test.each([
  { handsOver: false, owed: 1 },
  { handsOver: true, owed: 0 },
])('a deleted object owes $owed markers when handsOver is $handsOver', ({ handsOver, owed }) => {
  const { feed, list, deliver, store } = createFedStore(handsOver)
  list('a')
  deliver()
  feed.deleted(pod('a'))
  expect(store.objects(0)).toBe(0)
  expect(store.departures?.series).toBe(owed)
})
