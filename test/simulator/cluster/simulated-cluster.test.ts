import { expect, test } from 'vitest'
import { builtInKinds } from '../../../simulator/api/built-in-kinds.ts'
import type { ApiObject } from '../../../simulator/api/kinds.ts'
import { createObjectStore } from '../../../simulator/api/object-store.ts'
import { secretMarker } from '../../../simulator/cluster/app-config-objects.ts'
import { createCluster } from '../../../simulator/cluster/simulated-cluster.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'

const seeds = [1, 2, 3]

/** A cluster without a server, with a clock that advances one second per step. */
function grow(seed: number, pods = 60, steps = 0) {
  let nowMs = Date.UTC(2026, 0, 1)
  const objects = createObjectStore({ kinds: builtInKinds, now: () => nowMs, historySize: 20_000 })
  const cluster = createCluster({ objects }, { seed, pods, churnPerSecond: 10, now: () => nowMs })
  const live = (count: number) => {
    for (let step = 0; step < count; step++) {
      nowMs += 1000
      cluster.step()
    }
  }
  live(steps)
  return { objects, cluster, live }
}

type Json = Record<string, never>
const everything = (objects: ReturnType<typeof grow>['objects']) =>
  builtInKinds.map(({ plural }) => JSON.stringify(objects.list(plural)))

test('the same seed gives the same changes, another seed different ones', () => {
  const [once, again, other] = [grow(1, 60, 300), grow(1, 60, 300), grow(2, 60, 300)]
  expect(everything(once.objects)).toEqual(everything(again.objects))
  expect(everything(once.objects)).not.toEqual(everything(other.objects))
})

test.each([30, 31, 60, 200])('has every kind, of a small cluster too, and exactly the pods asked for: %i', (pods) => {
  for (const seed of seeds) {
    const { objects } = grow(seed, pods)
    const empty = builtInKinds.map(({ plural }) => plural).filter((plural) => objects.list(plural).length === 0)
    expect(empty).toEqual([])
    expect(objects.list('pods')).toHaveLength(pods)
  }
})

test('all objects are readable, and pods are of the size of real ones', () => {
  const { objects } = grow(1, 60)
  const pods = objects.list('pods')
  const meanBytes = JSON.stringify(pods).length / pods.length
  expect(meanBytes).toBeGreaterThan(8_000)
  expect(meanBytes).toBeLessThan(14_000)
  for (const { plural, schema } of builtInKinds) {
    if (schema) for (const object of objects.list(plural)) compileJsonDecoder(schema)(object)
  }
  expect(() => grow(1, 29)).toThrow('30 pods at least')
})

test('the data of secrets and the annotation that repeats it contain the marker', () => {
  const { objects } = grow(1)
  const [secret] = objects.list('secrets')
  const decoded = JSON.stringify(secret).replace(/[A-Za-z0-9+/]{20,}=*/g, (it) => Buffer.from(it, 'base64').toString())
  expect(decoded.split(secretMarker).length).toBeGreaterThan(4)
})

test.each(seeds)('life changes something of every kind of event, and stays consistent (seed %i)', (seed) => {
  const { objects, live } = grow(seed)
  const before = objects.resourceVersion
  for (let round = 0; round < 10; round++) {
    live(80)
    expect(inconsistencies(objects)).toEqual([])
  }
  const events = builtInKinds.flatMap(({ plural }) => objects.eventsAfter(plural, before) ?? [])
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['ADDED', 'MODIFIED', 'DELETED']))
  const pods = (objects.eventsAfter('pods', before) ?? []).map(({ object }) => JSON.stringify(object.status))
  for (const sign of ['CrashLoopBackOff', 'ContainerCreating', 'Evicted', 'NodeLost', 'Succeeded']) {
    expect(pods.some((status) => status.includes(sign))).toBe(true)
  }
  const changed = ['leases', 'nodes', 'secrets', 'configmaps', 'replicasets', 'endpointslices', 'jobs', 'cronjobs']
  for (const plural of changed) expect(objects.eventsAfter(plural, before)).not.toEqual([])
})

test('objects are recreated under the same name with another UID', () => {
  const { objects } = grow(1, 60, 400)
  const uids = new Map<string, Set<string>>()
  for (const plural of ['pods', 'statefulsets', 'replicationcontrollers']) {
    for (const { key, object } of objects.eventsAfter(plural, objects.oldestResourceVersion(plural)) ?? []) {
      const id = `${plural}/${key}`
      uids.set(id, (uids.get(id) ?? new Set()).add(object.metadata.uid ?? ''))
    }
  }
  const recreated = [...uids].filter(([, all]) => all.size > 1).map(([id]) => id.split('/')[0])
  expect(new Set(recreated)).toEqual(new Set(['pods', 'statefulsets', 'replicationcontrollers']))
})

test('the number of pods stays near the configured one', () => {
  const { objects } = grow(4, 60, 2000)
  expect(Math.abs(objects.list('pods').length - 60)).toBeLessThan(40)
})

test('run makes steps at the configured rate until it is stopped', async () => {
  const objects = createObjectStore({ kinds: builtInKinds })
  const stop = new AbortController()
  let sleptMs = 0
  const sleep = async (milliseconds: number) => {
    sleptMs += milliseconds
    if (sleptMs >= 2000) stop.abort()
  }
  const cluster = createCluster({ objects }, { seed: 1, pods: 30, churnPerSecond: 100, sleep })
  await cluster.run(stop.signal)
  expect([cluster.steps, sleptMs]).toEqual([200, 2000])
})

/** All inconsistencies between the objects. */
function inconsistencies(objects: ReturnType<typeof grow>['objects']): string[] {
  const pods = objects.list('pods')
  const uids = new Set(builtInKinds.flatMap(({ plural }) => objects.list(plural).map(({ metadata }) => metadata.uid)))
  const orphans = pods.filter(
    ({ metadata }) => !uids.has((metadata.ownerReferences as { uid: string }[])[0]?.uid ?? ''),
  )
  const nodes = new Set(objects.list('nodes').map(({ metadata }) => metadata.name))
  const homeless = pods.filter(({ spec }) => !nodes.has((spec as { nodeName: string }).nodeName))
  const wrong = objects.list('replicasets').filter((it) => (it.status as Json).readyReplicas !== readyPodsOf(it, pods))
  const twins = pods.filter((pod) => pods.some((it) => it !== pod && it.metadata.uid === pod.metadata.uid))
  return [
    ...orphans.map(({ metadata }) => `pod ${metadata.name} has no owner`),
    ...homeless.map(({ metadata }) => `pod ${metadata.name} has no node`),
    ...wrong.map(({ metadata }) => `replica set ${metadata.name} miscounts its pods`),
    ...twins.map(({ metadata }) => `pod ${metadata.name} shares its uid`),
  ]
}

function readyPodsOf({ metadata }: ApiObject, pods: readonly ApiObject[]): number {
  const isReady = ({ status }: ApiObject) => JSON.stringify(status).includes('"type":"Ready","status":"True"')
  const isOwn = (pod: ApiObject) =>
    (pod.metadata.ownerReferences as { uid: string }[]).some(({ uid }) => uid === metadata.uid)
  return pods.filter((pod) => isOwn(pod) && isReady(pod) && pod.metadata.deletionTimestamp === undefined).length
}
