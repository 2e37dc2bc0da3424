/** Shards of the whole program that follow their StatefulSet: who sends what while their number changes. */
import { afterEach, expect, test } from 'vitest'
import { requestsFor, withoutRight } from '../../simulator/api/api-faults.ts'
import { serverError } from '../../simulator/api/api-status.ts'
import type { ShardWorld } from './shard-world.ts'
import { startShardWorld, writersOf } from './shard-world.ts'
import { endWorld, readPage, startFromFile, until } from './world.ts'

afterEach(endWorld)

const names = Array.from({ length: 40 }, (_, i) => `s${String(i).padStart(2, '0')}`)

async function startShards(world: ShardWorld, replicas: number, settings: object = {}) {
  world.scale(replicas)
  for (const name of names) world.add(name)
  const pods = await Promise.all(Array.from({ length: replicas }, (_, ordinal) => world.startPod(ordinal, settings)))
  for (const pod of pods) await pod.settled()
  await until(() => String(world.live()) === String(names))
  return pods
}

/** No point is older than what the receiver had, and nothing that lives had a stale marker. */
function expectOneWriter({ world, sent }: ShardWorld, living: readonly string[]): void {
  expect([...world.receiver.liveSet.problems]).toEqual([])
  const { outOfOrder, conflicting } = world.receiver.liveSet.counters
  expect(outOfOrder + conflicting).toBe(0)
  expect(sent.filter(({ name, isStale }) => isStale && living.includes(name))).toEqual([])
}

/** All objects, and two shards of which none runs. */
async function startTwoShardWorld() {
  const world = await startShardWorld()
  world.scale(2)
  for (const name of names) world.add(name)
  return world
}

test.each([{ method: 'jump' }, { method: 'ranges' }])(
  '2, 3 and 2 shards by $method: one writer of each series at a time',
  {
    timeout: 60_000,
  },
  async ({ method }) => {
    const world = await startShardWorld({ shardSelectors: true })
    const settings = { kubernetes: { shard_selectors: method === 'ranges' } }
    const [a, b] = await startShards(world, 2, settings)
    if (a === undefined || b === undefined) throw new Error('not started')
    expect((await a.page()).concat(await b.page()).sort()).toEqual(names)
    expect((await a.page()).length).toBeGreaterThan(0)
    expect(await a.ask('/readyz')).not.toContain('shard selectors')
    expect(await a.ask('/metrics')).toMatch(/^kube_state_otlp_shard_selectors_ignored(\{.*\})? 0$/m)

    world.scale(3)
    const c = await world.startPod(2, settings)
    world.remove('s00')
    world.add('t00')
    const living = [...names.slice(1), 't00']
    await until(async () => (await c.page()).length > 0)
    for (const pod of [a, b, c]) await pod.settled()
    const ofThree = await Promise.all([a.page(), b.page(), c.page()])
    expect(ofThree.flat().sort()).toEqual(living)
    const moved = ofThree[2]?.find((name) => name !== 't00') ?? ''
    await until(() => writersOf(world.sent, moved).at(-1) === '2')
    expect(world.live().filter((name) => name !== 's00')).toEqual(living)
    for (const [ordinal, pod] of [a, b, c].entries()) {
      expect(await pod.ask('/metrics')).toMatch(/^kube_state_metrics_total_shards(\{.*\})? 3$/m)
      expect(await pod.ask('/metrics')).toMatch(
        new RegExp(`^kube_state_metrics_shard_ordinal\\{.*"${ordinal}".*\\} ${ordinal}$`, 'm'),
      )
      expect(world.lease(ordinal)?.metadata).toMatchObject({
        annotations: { 'kube-state-otlp/shard-split': `${method}/3` },
      })
    }

    world.scale(2)
    world.remove('s01')
    await c.stop()
    const rest = living.slice(1)
    await until(async () => String((await Promise.all([a.page(), b.page()])).flat().sort()) === String(rest))
    for (const pod of [a, b]) await pod.settled()
    await until(() => rest.every((name) => writersOf(world.sent, name).at(-1) !== '2'))
    const atMost = method === 'jump' ? 3 : 4
    for (const name of rest) expect(writersOf(world.sent, name).length).toBeLessThanOrEqual(atMost)
    expect(world.live().filter((name) => name !== 's00' && name !== 's01')).toEqual(rest)
    expectOneWriter(world, rest)
  },
)

test('objects of a shard that has not stopped are read and held, and what is deleted then gets its stale marker', {
  timeout: 60_000,
}, async () => {
  const world = await startTwoShardWorld()
  // Another shard, which is up to date and renews its Lease.
  await world.writeLease(1, 'ksm-1', 'jump/2')
  const a = await world.startPod(0)
  await a.settled()
  await until(() => world.live().length > 0)
  const own = await a.page()
  const foreign = names.filter((name) => !own.includes(name))
  expect(world.live()).toEqual(own)

  world.scale(1)
  const renewing = setInterval(() => void world.writeLease(1, 'ksm-1', 'jump/2'), 100)
  await until(async () => (await a.page()).length === names.length)
  expect(await a.ask('/readyz')).toMatch(/^shards: waiting/m)
  expect(await a.ask('/metrics')).toMatch(/^kube_state_otlp_shard_handover(\{.*\})? 1$/m)
  const gone = foreign[0] ?? ''
  world.remove(gone)
  world.add('own')
  await until(async () => !(await a.page()).includes(gone))
  expect(world.sent.filter(({ name }) => foreign.includes(name))).toEqual([])

  clearInterval(renewing)
  await world.writeLease(1, 'ksm-1', 'jump/1')
  const rest = [...names.filter((name) => name !== gone), 'own'].sort()
  await until(() => String(world.live()) === String(rest))
  await until(() => world.sent.some(({ name, isStale }) => name === gone && isStale))
  expect(world.sent.filter(({ name }) => name === gone).every(({ isStale }) => isStale)).toBe(true)
  expectOneWriter(world, rest)
})

test('a shard that is gone hands over when its Lease expires', { timeout: 60_000 }, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(1, 'ksm-1', 'jump/2')
  const a = await world.startPod(0)
  await a.settled()
  const own = await a.page()
  await until(() => String(world.live()) === String(own))
  world.scale(1)
  await until(async () => (await a.page()).length === names.length)
  expect(world.live()).toEqual(own)
  await until(() => String(world.live()) === String(names))
  expect(a.records.filter(({ level }) => level === 'warn')).toEqual([])
  expectOneWriter(world, names)
})

test('timestamps continue above those of a former owner whose clock is ahead', { timeout: 60_000 }, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(1, 'ksm-1', 'jump/2')
  const a = await world.startPod(0)
  await a.settled()
  const own = await a.page()
  world.scale(1)
  await until(async () => (await a.page()).length === names.length)
  const lastMs = Date.now() + 60_000
  await world.writeLease(1, 'ksm-1', 'jump/1', { 'kube-state-otlp/last-timestamp': String(lastMs) })
  await until(() => String(world.live()) === String(names))
  const gained = world.sent.filter(({ name }) => !own.includes(name))
  expect(Math.min(...gained.map(({ timeMs }) => timeMs))).toBeGreaterThan(lastMs)
})

test('shards that are counted from another ordinal hand over like those whose number changes', {
  timeout: 60_000,
}, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(0, 'ksm-0', 'jump/2')
  const b = await world.startPod(1)
  await b.settled()
  const own = await b.page()
  await until(() => String(world.live()) === String(own))
  // The first shard has not seen the change.
  const renewing = setInterval(() => void world.writeLease(0, 'ksm-0', 'jump/2'), 100)
  world.scale(2, 1)
  const others = names.filter((name) => !own.includes(name))
  await until(async () => String(await b.page()) === String(others))
  await until(async () => /^shards: waiting until shard 0/m.test(await b.ask('/readyz')))
  expect(world.sent.filter(({ name }) => others.includes(name))).toEqual([])
  clearInterval(renewing)
  await world.writeLease(0, 'ksm-0', 'jump/2 from 1')
  await until(() => others.every((name) => world.live().includes(name)))
  expect(b.records.filter(({ level }) => level === 'warn')).toEqual([])
})

test('what is deleted while a new shard waits gets its stale marker from it, since its former owner sends none', {
  timeout: 60_000,
}, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(0, 'ksm-0', 'jump/1')
  const renewing = setInterval(() => void world.writeLease(0, 'ksm-0', 'jump/1'), 100)
  // The shard leads before its lists are complete.
  world.world.api.setFaults(({ resource }) => (resource?.plural === 'configmaps' ? { until: leads } : undefined))
  const leads = until(() => world.lease(1) !== undefined).then(() => new Promise((resolve) => setTimeout(resolve, 300)))
  const b = await world.startPod(1)
  await until(async () => (await b.page()).length > 0)
  const [gone = ''] = await b.page()
  world.remove(gone)
  await until(async () => !(await b.page()).includes(gone))
  expect(world.sent).toEqual([])
  clearInterval(renewing)
  await world.writeLease(0, 'ksm-0', 'jump/2')
  await until(() => world.live().length > 0)
  await until(() => world.sent.some(({ name, isStale }) => name === gone && isStale))
})

test('timestamps are not ahead of those of a former owner that was waited for', { timeout: 60_000 }, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(1, 'ksm-1', 'jump/2')
  const a = await world.startPod(0)
  await a.settled()
  const own = await a.page()
  // Far ahead, so that timestamps do not depend on how long the test takes.
  const lastMs = Date.now() + 60_000
  const annotations = { 'kube-state-otlp/last-timestamp': String(lastMs) }
  await world.writeLease(1, 'ksm-1', 'jump/2', annotations)
  world.scale(1)
  await until(async () => (await a.ask('/readyz')).includes('shards: waiting until shard 1 is up to date'))
  await world.writeLease(1, 'ksm-1', 'jump/1', annotations)
  await until(() => String(world.live()) === String(names))
  const gained = world.sent.filter(({ name }) => !own.includes(name))
  expect(Math.max(...gained.map(({ timeMs }) => timeMs))).toBeLessThan(lastMs + 500)
})

test('a new shard sends nothing while others divide the objects in another way', { timeout: 60_000 }, async () => {
  const world = await startTwoShardWorld()
  await world.writeLease(0, 'ksm-0', 'jump/1')
  const renewing = setInterval(() => void world.writeLease(0, 'ksm-0', 'jump/1'), 100)
  const b = await world.startPod(1)
  await until(async () => /^shards: waiting until shard 0/m.test(await b.ask('/readyz')))
  await until(() => b.readiness().ready)
  expect(world.sent).toEqual([])
  // It waits no longer than twice the duration of a Lease: that shard may have another configuration.
  await until(() => world.live().length > 0)
  clearInterval(renewing)
  expect(b.records.find(({ level }) => level === 'warn')).toMatchObject({ split: 'jump/2', shards: [0] })
})

test('objects that are deleted and created again are not marked stale by their former shard', {
  timeout: 60_000,
}, async () => {
  const world = await startShardWorld()
  await startShards(world, 2, { leader_election: { enabled: false } })
  for (let round = 0; round < 5; round++) {
    for (const name of names) {
      world.remove(name)
      world.add(name)
    }
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  // Each has a new owner's point after all others: nothing is refreshed within the time of this test.
  await until(() => String(world.live()) === String(names))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(world.live()).toEqual(names)
  expect([...world.world.receiver.liveSet.problems]).toEqual([])
})

test.each([
  { words: 'each looked up by its name', more: 0 },
  { words: 'in bulk', more: 160 },
])(
  'with shard selectors neither are they, $words; those that are gone for good get their stale markers',
  {
    timeout: 60_000,
  },
  async ({ more }) => {
    const world = await startShardWorld({ shardSelectors: true })
    const settings = { leader_election: { enabled: false }, kubernetes: { shard_selectors: true } }
    await startShards(world, 2, settings)
    const added = Array.from({ length: more }, (_, i) => `t${String(i).padStart(3, '0')}`)
    for (const name of added) world.add(name)
    const all = [...names, ...added]
    await until(() => String(world.live()) === String(all))
    const { api } = world.world
    const before = api.requests.length
    for (const name of all) world.remove(name)
    for (const name of all.slice(2)) world.add(name)
    // Names are looked up in the order of their deletion, so that of these everything else is looked up before.
    world.add('u0')
    world.add('u1')
    await until(() => world.live().includes('u0') && world.live().includes('u1'))
    world.remove('u0')
    world.remove('u1')
    await until(() => String(world.live()) === String(all.slice(2)))
    const moved = all.slice(2).filter((name) => writersOf(world.sent, name).length > 1)
    expect(moved.length).toBeGreaterThan(5)
    expect(world.sent.filter(({ name, isStale }) => isStale && moved.includes(name))).toEqual([])
    const lists = api.requests
      .slice(before)
      .filter(({ query, resource }) => resource?.plural === 'configmaps' && !query.has('watch'))
    expect(lists.length).toBeGreaterThan(0)
    expect(lists.filter(({ query }) => query.has('shardSelector'))).toEqual([])
    const isOfAll = lists.filter(({ query }) => !query.has('fieldSelector'))
    expect(isOfAll.length > 0).toBe(more > 0)
  },
)

test('a deleted object whose name cannot be looked up keeps its stale marker until it can', {
  timeout: 60_000,
}, async () => {
  const world = await startShardWorld({ shardSelectors: true })
  const settings = { leader_election: { enabled: false }, kubernetes: { shard_selectors: true } }
  const [a, b] = await startShards(world, 2, settings)
  const { api } = world.world
  const isLookUp = ({ query }: { query: URLSearchParams }) =>
    (query.get('fieldSelector') ?? '').startsWith('metadata.name=s00')
  api.setFaults((request) => (isLookUp(request) ? { response: serverError(500) } : undefined))
  world.remove('s00')
  const failed = () =>
    [...(a?.records ?? []), ...(b?.records ?? [])].filter(({ message }) =>
      String(message).includes('looked up by name'),
    )
  await until(() => failed().length === 1)
  expect(world.live()).toEqual(names)
  api.setFaults(() => undefined)
  await until(() => String(world.live()) === String(names.slice(1)))
})

test('without rights on Leases the shards follow the StatefulSet, each on its own', { timeout: 60_000 }, async () => {
  const world = await startShardWorld()
  world.world.api.setFaults(withoutRight(requestsFor('leases')))
  const [a] = await startShards(world, 2)
  world.scale(1)
  await until(async () => (await a?.page())?.length === names.length)
  expect(world.sent.filter(({ isStale }) => isStale)).toEqual([])
})

test('reading begins when the StatefulSet exists', async () => {
  const world = await startShardWorld()
  world.add('s1')
  const a = await world.startPod(0)
  await until(() => a.records.some(({ level }) => level === 'warn'))
  expect(a.readiness()).toMatchObject({
    ready: false,
    lines: expect.arrayContaining(['shards: waiting for the StatefulSet monitoring/ksm']),
  })
  expect(await a.page()).toEqual([])
  world.scale(1)
  await until(() => String(world.live()) === 's1')
})

test('a server without shard selectors sends everything, and each shard keeps its own ranges', async () => {
  const world = await startShardWorld({ shardSelectors: false })
  const settings = { kubernetes: { shard_selectors: true } }
  const [a, b] = await startShards(world, 2, settings)
  const selectors = world.world.api.requests.flatMap(({ query, resource }) =>
    resource?.plural === 'configmaps' ? [query.get('shardSelector')] : [],
  )
  expect(new Set(selectors)).toEqual(
    new Set([
      "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')",
      "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')",
    ]),
  )
  expect(((await a?.page()) ?? []).concat((await b?.page()) ?? []).sort()).toEqual(names)
  for (const pod of [a, b]) {
    const said = pod?.records.filter(({ message }) => String(message).includes('ignores shard selectors'))
    expect(said).toEqual([expect.objectContaining({ level: 'warn' })])
    expect(await pod?.ask('/readyz')).toContain('shard selectors: ignored by the API server')
    expect(await pod?.ask('/metrics')).toMatch(/^kube_state_otlp_shard_selectors_ignored(\{.*\})? 1$/m)
  }
})

test('a shard that is changed in the configuration file is handed over without stale markers', async () => {
  const world = await startShardWorld()
  for (const name of names) world.add(name)
  const resources = 'resources: {configmaps: {}}'
  const { product, reload } = await startFromFile(world.world, `${resources}\nshard: 0\ntotal_shards: 2`)
  const page = async () => [...(await readPage(product)).matchAll(/^kube_configmap_info/gm)].length
  await until(async () => product.readiness().ready && world.live().length > 0)
  const before = await page()
  expect(before).toBeLessThan(names.length)
  reload(`${resources}\ntotal_shards: 1`)
  await until(() => String(world.live()) === String(names))
  reload(`${resources}\nshard: 1\ntotal_shards: 2`)
  await until(async () => (await page()) === names.length - before)
  let probes = 0
  // Stale markers would be sent before it.
  await until(() => {
    world.add(`probe-${probes++}`)
    return world.sent.some(({ name }) => name.startsWith('probe'))
  })
  expect(world.sent.filter(({ isStale }) => isStale)).toEqual([])
})
