/** Several replicas of the whole program over one simulated cluster and one receiver: one pushes, all serve. */
import { afterEach, expect, test } from 'vitest'
import { requestsFor, withoutRight } from '../../simulator/api/api-faults.ts'
import type { ApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
import { refuseWith } from '../../simulator/otlp/receiver-faults.ts'
import type { Product } from '../../src/runtime/product.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { Program, World } from './world.ts'
import { endWorld, readPage, startFromFile, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const name = { namespace: 'default', name: 'kube-state-otlp' }

/** Starts a replica; its Lease expires after two seconds. */
async function startReplica(world: World, identity: string) {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const settings = {
    resources: { services: {}, namespaces: {} },
    leader_election: {
      enabled: true,
      identity,
      namespace: name.namespace,
      lease_duration: '2s',
      renew_deadline: '1500ms',
      retry_period: '300ms',
    },
  }
  const program = await startProgram(world, settings, {
    log: createLog({ level: 'info', format: 'json', destination }),
  })
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${program.addresses?.telemetryAddress.port}${path}`)).text()
  return { ...program, records, ask, ready: () => ask('/readyz') }
}

type Replica = Awaited<ReturnType<typeof startReplica>>

const holderOf = (api: ApiServer) =>
  (api.objects.get('leases', name)?.spec as { holderIdentity?: string })?.holderIdentity

const addService = (api: ApiServer, service: string) =>
  api.objects.create('services', { metadata: { name: service, namespace: 'a' }, spec: { type: 'ClusterIP' } })
const removeService = (api: ApiServer, service: string) =>
  api.objects.delete('services', { name: service, namespace: 'a' })

/** The services that the receiver has a live series of. */
const liveServices = ({ receiver }: World) =>
  new Set(
    [...receiver.liveSet.live().keys()].flatMap(
      (series) => /^kube_service_created\{.*service="([^"]+)"/.exec(series)?.[1] ?? [],
    ),
  )
const servicesOnPage = async (program: Pick<Program, 'addresses'>) =>
  new Set(
    [...(await readPage(program)).matchAll(/^kube_service_created\{.*service="([^"]+)"/gm)].map(
      ([, service]) => service,
    ),
  )

async function untilLive(world: World, ...services: string[]): Promise<void> {
  await until(() => {
    const live = liveServices(world)
    return live.size === services.length && services.every((service) => live.has(service))
  })
}

const pushedRequests = ({ ask }: Replica) =>
  ask('/metrics').then((page) =>
    Number(
      /^kube_state_otlp_push_requests_total\{destination="default",outcome="success"\} (\d+)/m.exec(page)?.[1] ?? 0,
    ),
  )

test('one replica leads and pushes, the other serves; after a release no stale marker is missing', {
  timeout: 60_000,
}, async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  for (const service of ['s1', 's2']) addService(api, service)
  const a = await startReplica(world, 'pod-a')
  await untilLive(world, 's1', 's2')
  expect(holderOf(api)).toBe('pod-a')
  const b = await startReplica(world, 'pod-b')
  expect(await a.ready()).toMatch(/^ready\n(.*\n)*leader election: leading\n$/)
  expect(await b.ready()).toMatch(/^ready\n(.*\n)*leader election: standby; pod-a holds the Lease\n$/)
  expect(await b.ask('/metrics')).toMatch(/^kube_state_otlp_leader\{holder="pod-a"\} 0$/m)
  expect(await a.ask('/metrics')).toMatch(/^kube_state_otlp_leader\{holder="pod-a"\} 1$/m)

  addService(api, 's3')
  await untilLive(world, 's1', 's2', 's3')
  await until(async () => (await servicesOnPage(b)).has('s3'))
  expect(await pushedRequests(b)).toBe(0)
  expect(await pushedRequests(a)).toBeGreaterThan(0)

  await a.stop()
  // Nobody has pushed these, and nobody but the former leader has pushed s1.
  removeService(api, 's1')
  addService(api, 's4')
  await untilLive(world, 's2', 's3', 's4')
  expect(holderOf(api)).toBe('pod-b')
  expect(b.records.map(({ message }) => message)).toContain('leading: this replica pushes')
  expect(await b.ask('/metrics')).toMatch(/^kube_state_otlp_leader\{holder="pod-b"\} 1$/m)
  expect([...receiver.liveSet.problems]).toEqual([])
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
})

test('series that end while no replica leads get stale markers from the next leader', { timeout: 60_000 }, async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  for (const service of ['s1', 's2']) addService(api, service)
  const a = await startReplica(world, 'pod-a')
  await untilLive(world, 's1', 's2')
  const b = await startReplica(world, 'pod-b')
  await until(async () => (await servicesOnPage(b)).size === 2)
  // The leader is cut off from the Lease: it stops to push before the other begins.
  api.setFaults((request) =>
    request.resource?.plural === 'leases' &&
    (request.body as { spec?: { holderIdentity?: string } })?.spec?.holderIdentity === 'pod-a'
      ? { response: 'silence' }
      : undefined,
  )
  await until(async () => /not pushing/.test(await a.ready()))
  removeService(api, 's1')
  addService(api, 's3')
  await untilLive(world, 's2', 's3')
  expect(holderOf(api)).toBe('pod-b')
  await until(async () => /standby; pod-b holds the Lease/.test(await a.ready()))
  expect([...receiver.liveSet.problems]).toEqual([])
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
})

/** Starts a replica that refreshes once in an hour. */
async function startSlowReplica(
  world: World,
  identity: string,
  selection = 'resources: {services: {}, namespaces: {}}',
  version = '1.0.0',
) {
  const text = `
${selection}
leader_election: {enabled: true, identity: ${identity}, namespace: default, retry_period: 300ms}`
  const push = 'flush_interval: 50ms, interval: 1h'
  const { product } = await startFromFile(world, text, { file: `${identity}.yaml`, push, version })
  await until(() => product.readiness().ready)
  return product
}

/** Whether the replica would send nothing at once if it led now. */
const isSettled = ({ store }: Product) =>
  [...store.ledgers].every(({ pending, pendingMarkers }) => pending === 0 && pendingMarkers === 0)

test('a standby knows what the leader has delivered: it takes over with what is new, and refreshes the rest later', {
  timeout: 60_000,
}, async () => {
  const arrivals: Arrival[] = []
  const onArrival = (arrival: Arrival) => void arrivals.push(arrival)
  const world = await startWorld(builtInKinds, {}, { liveSet: { onArrival } })
  const { api } = world
  const names = Array.from({ length: 50 }, (_, i) => `s${i}`)
  for (const name of names) addService(api, name)
  const a = await startSlowReplica(world, 'pod-a')
  await untilLive(world, ...names)
  const b = await startSlowReplica(world, 'pod-b')
  expect(isSettled(b)).toBe(false)
  // The list of the standby is younger than the last event that the leader has seen.
  api.sendBookmarks()
  await until(() => isSettled(b))
  removeService(api, 's0')
  await until(() => !liveServices(world).has('s0'))
  await until(async () => !(await servicesOnPage(b)).has('s0'))
  await until(() => isSettled(b))

  arrivals.length = 0
  await a.stop()
  removeService(api, 's1')
  addService(api, 'new')
  await untilLive(world, ...names.slice(2), 'new')
  expect(holderOf(api)).toBe('pod-b')
  const services = (change: Arrival['change']) =>
    new Set(
      arrivals.flatMap(({ attributes, change: of }) =>
        of === change ? [String(Object.fromEntries(attributes).service)] : [],
      ),
    )
  expect(services('ended')).toEqual(new Set(['s1']))
  expect(services('appeared')).toEqual(new Set(['new']))
  expect(services('refreshed').size).toBeLessThan(25)
})

test('stale markers that the leader cannot deliver stay with a standby of several namespaces, most of them idle', {
  timeout: 60_000,
}, async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  const namespaces = ['idle', 'busy']
  for (const namespace of namespaces)
    api.objects.create('services', { metadata: { name: 's1', namespace }, spec: { type: 'ClusterIP' } })
  const selection = 'resources: {services: {}}\nnamespaces: [idle, busy]'
  const a = await startSlowReplica(world, 'pod-a', selection)
  await until(() => isSettled(a))
  const b = await startSlowReplica(world, 'pod-b', selection)
  // Both know from now on that neither namespace has changed since.
  api.sendBookmarks()
  await until(() => isSettled(b))
  receiver.setFaults(() => refuseWith(14))
  api.objects.delete('services', { namespace: 'busy', name: 's1' })
  const haveMarkers = () =>
    [a, b].every(({ store }) => [...store.ledgers].some(({ pendingMarkers }) => pendingMarkers > 0))
  await until(haveMarkers)
  const renewals = () => Number(api.objects.get('leases', name)?.metadata.resourceVersion)
  for (let i = 0; i < 4; i++) {
    const before = renewals()
    await until(() => renewals() > before)
    expect(haveMarkers()).toBe(true)
  }
})

test('a rolling upgrade: of what both versions declare alike, only what is new is sent at the takeover', {
  timeout: 60_000,
}, async () => {
  const arrivals: Arrival[] = []
  const onArrival = (arrival: Arrival) => void arrivals.push(arrival)
  const world = await startWorld(builtInKinds, {}, { liveSet: { onArrival } })
  const { api, receiver } = world
  const names = Array.from({ length: 50 }, (_, i) => `s${i}`)
  for (const name of names) addService(api, name)
  const selection = 'resources: {services: {}, namespaces: {}}'
  for (const name of ['n1', 'n2']) api.objects.create('namespaces', { metadata: { name } })
  const former = await startSlowReplica(world, 'pod-a', `${selection}\nmetric_denylist: ['^kube_namespace_created$']`)
  await untilLive(world, ...names)
  const next = await startSlowReplica(world, 'pod-b', selection, '1.1.0')
  api.sendBookmarks()
  const pending = () => [...next.store.ledgers].map((ledger) => [ledger.pending, ledger.pendingMarkers])
  // The namespaces have a metric that the former version does not know.
  await until(() => String(pending()) === '2,0')

  arrivals.length = 0
  await former.stop()
  removeService(api, 's1')
  addService(api, 'new')
  await untilLive(world, ...names.filter((name) => name !== 's1'), 'new')
  await until(
    () => [...receiver.liveSet.live().keys()].filter((key) => /^kube_namespace_created/.test(key)).length === 2,
  )
  const services = (change: Arrival['change']) =>
    new Set(
      arrivals.flatMap(({ series, change: of }) => (of === change && /service="([^"]+)"/.exec(series)?.[1]) || []),
    )
  expect(services('ended')).toEqual(new Set(['s1']))
  expect(services('appeared')).toEqual(new Set(['new']))
  expect(services('refreshed').size).toBeLessThan(25)
  expect([...receiver.liveSet.problems]).toEqual([])
})

test('without permission for Leases it pushes as the only writer, with one warning', async () => {
  const world = await startWorld(builtInKinds)
  world.api.setFaults(withoutRight(requestsFor('leases')))
  addService(world.api, 's1')
  const a = await startReplica(world, 'pod-a')
  await untilLive(world, 's1')
  expect(await a.ready()).toMatch(
    /^ready\n(.*\n)*leader election: no right to use Leases; pushing as the only replica\n$/,
  )
  const warnings = a.records.filter(({ level }) => level === 'warn')
  expect(warnings).toMatchObject([{ message: expect.stringMatching(/^no right to use Leases/) }])
})
