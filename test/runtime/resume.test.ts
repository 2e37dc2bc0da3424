/**
 * Processes that end in the middle of random changes, and others that continue where they stopped: every series that ended
 * has a stale marker, and none that lives. Simulated API server and receiver.
 */
import { afterEach, expect, test } from 'vitest'
import { requestsFor } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { ApiObject } from '../../simulator/api/kinds.ts'
import type { Random } from '../../simulator/cluster/random.ts'
import { createRandom } from '../../simulator/cluster/random.ts'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
import { refuseWith } from '../../simulator/otlp/receiver-faults.ts'
import { readLease } from '../../src/kubernetes/coordination/lease.ts'
import { progressIn } from '../../src/runtime/handover.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { Program, World } from './world.ts'
import { endWorld, launchProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const leaseName = { namespace: 'default', name: 'kube-state-otlp' }

interface Setup {
  readonly world: World
  readonly arrivals: Arrival[]
}

async function setUp(): Promise<Setup> {
  const arrivals: Arrival[] = []
  const onArrival = (arrival: Arrival) => void arrivals.push(arrival)
  return { world: await startWorld(builtInKinds, {}, { liveSet: { onArrival } }), arrivals }
}

interface Process extends Program {
  readonly messages: string[]
}

/** Starts a process of the same pod, or of another one. */
async function start(world: World, identity = 'pod-a', settings: object = {}): Promise<Process> {
  const messages: string[] = []
  const destination = { write: (line: string) => void messages.push(JSON.parse(line).message) }
  const program = await launchProgram(
    world,
    {
      resources: { services: {}, namespaces: {} },
      push: { flush_interval: '50ms', shutdown_grace: '1ms' },
      leader_election: {
        enabled: true,
        identity,
        namespace: 'default',
        lease_duration: '1s',
        renew_deadline: '800ms',
        retry_period: '100ms',
      },
      ...settings,
    },
    { log: createLog({ level: 'info', format: 'json', destination }) },
  )
  return { ...program, messages }
}

/** From now on nothing that the process does has an effect. */
async function crash({ api, receiver }: World, process: Process): Promise<void> {
  api.setFaults(() => ({ response: 'cut' }))
  receiver.setFaults(() => refuseWith(14))
  await process.stop()
  api.setFaults(undefined)
  receiver.setFaults(undefined)
}

/** As if the last resumption had been long ago. */
function forgetResumption({ api }: World): void {
  const lease = api.objects.get('leases', leaseName) as ApiObject
  const { 'kube-state-otlp/resumed-at': _, ...annotations } = lease.metadata.annotations as Record<string, string>
  api.objects.update('leases', { ...lease, metadata: { ...lease.metadata, annotations } })
}

/** What is published for the only destination. */
function publishedRevision({ api }: World): number {
  const lease = readLease({ ...api.objects.get('leases', leaseName) }, 1000)
  const [destination] = progressIn(lease)?.destinations.values() ?? []
  return destination?.revisions.get('v1/services') ?? 0
}

/** The changes of a few services, and the series that each of them had when. */
function createHistory({ api }: World, random: Random) {
  /** By series, the first revision that has it. */
  const since = new Map<string, number>()
  const names = Array.from({ length: 12 }, (_, i) => `s${i}`)
  const live = () => new Set(api.objects.list('services').map(seriesOf))
  const record = (object: ApiObject) => since.set(seriesOf(object), Number(object.metadata.resourceVersion))
  const service = (name: string) => ({
    metadata: { name, namespace: 'a' },
    spec: { type: 'ExternalName', externalName: `${random.suffix(3)}.example` },
  })
  const step = () => {
    const name = random.pick(names)
    const known = api.objects.get('services', { namespace: 'a', name })
    if (known === undefined) record(api.objects.create('services', service(name)))
    else if (random.chance(0.5)) record(api.objects.update('services', { ...known, spec: service(name).spec }))
    else api.objects.delete('services', { namespace: 'a', name })
  }
  return {
    live,
    since,
    change(steps: number) {
      for (let i = 0; i < steps; i++) step()
    },
  }
}

const seriesOf = ({ metadata, spec }: ApiObject) =>
  `${metadata.name} ${metadata.uid} ${(spec as { externalName: string }).externalName}`

/** The same of a series that was received; undefined for series of other families. */
const receivedSeries = (text: string) =>
  /^kube_service_info\{.*service="([^"]+)",uid="([^"]+)".*external_name="([^"]+)"/.exec(text)?.slice(1, 4).join(' ')

const liveAtReceiver = ({ receiver }: World) =>
  new Set([...receiver.liveSet.live().keys()].flatMap((text) => receivedSeries(text) ?? []))

const endedIn = (arrivals: readonly Arrival[]) =>
  new Set(arrivals.flatMap(({ series, value }) => (value === undefined ? (receivedSeries(series) ?? []) : [])))

const equal = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.size === b.size && a.isSubsetOf(b)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Changes of every speed around a push that fails now and then, up to a crash at any moment. */
async function runUntilCrash(
  world: World,
  process: Process,
  history: ReturnType<typeof createHistory>,
  random: Random,
) {
  const bursts = random.int(1, 6)
  for (let i = 0; i < bursts; i++) {
    if (random.chance(0.3)) world.receiver.setFaults(() => (random.chance(0.7) ? refuseWith(14) : undefined))
    history.change(random.int(1, 8))
    await pause(random.int(0, 150))
    if (random.chance(0.6)) world.receiver.setFaults(undefined)
  }
  const crashed = crash(world, process)
  history.change(random.int(0, 12))
  await crashed
  history.change(random.int(0, 12))
}

test.each([1, 2, 3])(
  'random changes and crashes, seed %i: everything that ended is marked, nothing that lives',
  {
    timeout: 120_000,
  },
  async (seed) => {
    const random = createRandom(seed)
    const { world, arrivals } = await setUp()
    const history = createHistory(world, random)
    history.change(20)
    let process = await start(world)
    await until(() => process.readiness().ready && equal(liveAtReceiver(world), history.live()))
    for (let crashes = 0; crashes < 5; crashes++) {
      await until(() => publishedRevision(world) > 0)
      await runUntilCrash(world, process, history, random)
      forgetResumption(world)
      arrivals.length = 0
      process = await start(world, random.pick(['pod-a', 'pod-b']))
      await until(() => equal(liveAtReceiver(world), history.live()))
      expect(process.messages).toContain('resumed: what has ended meanwhile gets stale markers')
      expect([...endedIn(arrivals).intersection(history.live())]).toEqual([])
    }
    expect([...world.receiver.liveSet.problems]).toEqual([])
    expect(world.receiver.liveSet.counters.outOfOrder + world.receiver.liveSet.counters.conflicting).toBe(0)
  },
)

test.each([4, 5])(
  'the API server is restarted too, seed %i: only what came and went in between is not marked',
  {
    timeout: 120_000,
  },
  async (seed) => {
    const random = createRandom(seed)
    const { world, arrivals } = await setUp()
    const history = createHistory(world, random)
    history.change(20)
    let process = await start(world)
    await until(() => process.readiness().ready && equal(liveAtReceiver(world), history.live()))
    const unknown = new Set<string>()
    for (let crashes = 0; crashes < 4; crashes++) {
      await until(() => publishedRevision(world) > 0)
      await runUntilCrash(world, process, history, random)
      forgetResumption(world)
      const revision = publishedRevision(world)
      for (const [series, since] of history.since) if (since > revision) unknown.add(series)
      world.api.objects.forgetChanges()
      arrivals.length = 0
      process = await start(world)
      const expected = history.live()
      await until(() => {
        const live = liveAtReceiver(world)
        return expected.isSubsetOf(live) && live.difference(expected).isSubsetOf(unknown)
      })
      expect(process.messages.join()).toMatch(/resumed/)
      expect([...endedIn(arrivals).intersection(expected)]).toEqual([])
    }
  },
)

async function crashAfterDeletion(settings: object = {}) {
  const { world } = await setUp()
  const { api } = world
  const service = { metadata: { name: 's1', namespace: 'a' }, spec: { type: 'ExternalName', externalName: 'x' } }
  const created = api.objects.create('services', service)
  api.objects.create('services', { ...service, metadata: { name: 's2', namespace: 'a' } })
  const process = await start(world, 'pod-a', settings)
  await until(() => liveAtReceiver(world).size === 2)
  await until(() => publishedRevision(world) >= Number(created.metadata.resourceVersion))
  const crashed = crash(world, process)
  api.objects.delete('services', { namespace: 'a', name: 's1' })
  await crashed
  return world
}

const reasonOf = async (world: World, settings: object = {}) => {
  const { messages, readiness } = await start(world, 'pod-a', settings)
  await until(() => readiness().ready)
  const line = messages.filter((message) => message.startsWith('not resuming'))
  expect(line).toHaveLength(1)
  return line[0]
}

test('an ordered end is resumed like a crash', { timeout: 30_000 }, async () => {
  const { world } = await setUp()
  const { api } = world
  const service = { metadata: { name: 's1', namespace: 'a' }, spec: { type: 'ExternalName', externalName: 'x' } }
  api.objects.create('services', service)
  const process = await start(world)
  await until(() => liveAtReceiver(world).size === 1)
  await process.stop()
  api.objects.delete('services', { namespace: 'a', name: 's1' })
  await start(world)
  await until(() => liveAtReceiver(world).size === 0)
})

test('a process resumes at most once in five minutes', { timeout: 30_000 }, async () => {
  const world = await crashAfterDeletion()
  const process = await start(world)
  await until(() => liveAtReceiver(world).size === 1)
  expect(process.messages).toContain('resuming where the Lease says that another process stopped')
  await crash(world, process)
  expect(await reasonOf(world)).toMatch(/resumed less than 5 minutes ago/)
})

test.each([
  ['use_api_server_cache', { use_api_server_cache: true }, /cache of the API server/],
  ['object_limit', { object_limit: 100 }, /lists are limited/],
  ['node', { node: 'n1', resources: { pods: {} } }, /pods of a node/],
  ['constant labels', { otlp: { constant_labels: { region: 'a' } } }, /constant labels have changed/],
])('does not resume with other or unsuitable settings: %s', { timeout: 30_000 }, async (_name, settings, reason) => {
  const world = await crashAfterDeletion()
  const otlp = { endpoint: `http://${world.receiver.grpcAddress}`, instance_id: 'test' }
  const more = 'otlp' in settings ? { otlp: { ...otlp, ...settings.otlp } } : settings
  expect(await reasonOf(world, more)).toMatch(reason)
})

test('does not resume in another cluster, without a Lease, and where the past is compacted', {
  timeout: 60_000,
}, async () => {
  const world = await crashAfterDeletion()
  const otlp = { endpoint: `http://${world.receiver.grpcAddress}`, instance_id: 'other' }
  expect(await reasonOf(world, { otlp })).toMatch(/another cluster/)
  await endWorld()

  const compacted = await crashAfterDeletion()
  compacted.api.objects.compact()
  const { messages, readiness } = await start(compacted)
  await until(() => readiness().ready)
  expect(messages.join('\n')).toMatch(/resumed in part/)
  await endWorld()

  const { world: fresh } = await setUp()
  expect(await reasonOf(fresh)).toMatch(/no Lease yet/)
})

test('a resource whose metrics changed is listed in the present, the others resume', { timeout: 30_000 }, async () => {
  const world = await crashAfterDeletion()
  const process = await start(world, 'pod-a', { metric_denylist: ['^kube_namespace_created$'] })
  await until(() => liveAtReceiver(world).size === 1)
  const revisions = world.api.requests.flatMap(({ query, resource, verb }) =>
    verb === 'list' && query.get('resourceVersionMatch') === 'Exact' ? [resource?.plural] : [],
  )
  expect(revisions).toEqual(['services'])
  expect(process.messages).toContain('resumed: what has ended meanwhile gets stale markers')
})

test('an API server that is not there yet is waited for', { timeout: 30_000 }, async () => {
  const world = await crashAfterDeletion()
  let refused = 0
  world.api.setFaults((request) => {
    if (refused >= 2 || !requestsFor('leases', 'get')(request)) return undefined
    refused++
    return { response: 'cut' }
  })
  await start(world)
  await until(() => liveAtReceiver(world).size === 1)
  expect(refused).toBe(2)
})
