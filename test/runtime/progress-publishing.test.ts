/** What a leader publishes about its deliveries in the Lease, with a simulated API server and receiver. */
import { afterEach, expect, test } from 'vitest'
import type { ApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { refuseWith } from '../../simulator/otlp/receiver-faults.ts'
import { readLease } from '../../src/kubernetes/coordination/lease.ts'
import { progressIn } from '../../src/runtime/handover.ts'
import type { World } from './world.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const settings = {
  resources: { services: {}, namespaces: {} },
  leader_election: { enabled: true, identity: 'pod-a', namespace: 'default', retry_period: '100ms' },
}

const service = (name: string) => ({ metadata: { name, namespace: 'a' }, spec: { type: 'ClusterIP' } })

function progressAt(api: ApiServer) {
  const lease = api.objects.get('leases', { namespace: 'default', name: 'kube-state-otlp' })
  return lease && progressIn(readLease({ ...lease }, 15_000))
}

const destinationAt = ({ api }: World) =>
  [...(progressAt(api)?.destinations ?? [])].find(([name]) => /^default-[0-9a-f]{12}$/.test(name))?.[1]
const revisionAt = (world: World, resource: string) => destinationAt(world)?.revisions.get(resource)

/** Waits for a renewal that was published from now on. */
async function untilPublished(world: World): Promise<void> {
  const afterMs = Date.now()
  await until(() => (progressAt(world.api)?.publishedAtMs ?? 0) > afterMs)
}

test('the revision of a resource follows its watch, and waits for stale markers alone', {
  timeout: 30_000,
}, async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  api.objects.create('services', service('s1'))
  const created = api.objects.create('services', service('s2'))
  await startProgram(world, settings)
  const isSent = (name: string) => [...receiver.liveSet.live().keys()].some((key) => key.includes(`service="${name}"`))
  await until(() => isSent('s1') && isSent('s2'))
  const before = Number(created.metadata.resourceVersion)
  await until(() => (revisionAt(world, 'v1/services') ?? 0) >= before)

  expect(progressAt(api)).toMatchObject({ cluster: 'test' })
  expect(progressAt(api)?.resources.get('v1/services')).toMatch(/^[0-9a-f]{12}$/)

  receiver.setFaults(() => refuseWith(14))
  const changed = api.objects.create('services', service('s3'))
  await until(() => (revisionAt(world, 'v1/services') ?? 0) >= Number(changed.metadata.resourceVersion))
  await until(() => (destinationAt(world)?.oldestChangeMs ?? 0) > 0)
  expect(isSent('s3')).toBe(false)

  api.objects.delete('services', { namespace: 'a', name: 's1' })
  const later = api.objects.create('services', service('s4'))
  await untilPublished(world)
  await untilPublished(world)
  expect(revisionAt(world, 'v1/services')).toBe(Number(changed.metadata.resourceVersion))

  receiver.setFaults(undefined)
  await until(() => (revisionAt(world, 'v1/services') ?? 0) >= Number(later.metadata.resourceVersion))
  expect(isSent('s1')).toBe(false)
  await until(() => destinationAt(world)?.oldestChangeMs === 0)
  expect(destinationAt(world)?.lastTimestampMs).toBeGreaterThan(0)
})
