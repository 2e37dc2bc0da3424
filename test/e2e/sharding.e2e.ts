/**
 * Shards as processes at a real API server with shard selectors, which follow a real StatefulSet from 2 to 3 to 2 replicas while
 * objects come and go: one writer of each series at a time, no stale marker for what lives, and in the end exactly the
 * series of a fresh list. What each shard reads is compared with an instance that reads everything.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { DecodedResource } from '../../simulator/otlp/metrics-decoder.ts'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { compareWithFreshList } from './faults/comparison.ts'
import { recordFault } from './faults/fault-report.ts'
import type { KubeClient } from './kube-client.ts'
import { createKubeClient } from './kube-client.ts'
import type { Receivers } from './receivers.ts'
import { startReceivers } from './receivers.ts'
import { parsePage, seriesText } from './series.ts'
import type { ShardProcess } from './shard-processes.ts'
import { startShardProcess, unionOf } from './shard-processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'sharding-'))
const namespace = 'sharding'
const resources = 'configmaps,services,deployments,replicasets'
const objectsOfEach = 300
/** What no shard marks ends with the lookback of Prometheus. */
const lookbackMs = 400_000
const facts = inject('cluster')
let server: ApiServer
let admin: KubeClient

beforeAll(async () => {
  server = await startApiServer({ flags: ['--feature-gates=ShardedListAndWatch=true'] })
  admin = createKubeClient(server.access)
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace } })
})
afterAll(async () => {
  admin?.close()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

const paths = {
  configmaps: `/api/v1/namespaces/${namespace}/configmaps`,
  services: `/api/v1/namespaces/${namespace}/services`,
  deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
  replicasets: `/apis/apps/v1/namespaces/${namespace}/replicasets`,
}
const labels = { app: 'x' }
const podTemplate = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.org/c:1' }] } }
const workload = { replicas: 1, selector: { matchLabels: labels }, template: podTemplate }
const bodies: Readonly<Record<keyof typeof paths, object>> = {
  configmaps: { data: { text: 'x'.repeat(1000) } },
  services: { spec: { type: 'ExternalName', externalName: 'example.org' } },
  deployments: { spec: workload },
  replicasets: { spec: workload },
}
const kinds = Object.keys(paths) as (keyof typeof paths)[]

async function create(kind: keyof typeof paths, name: string): Promise<void> {
  const { status, body } = await admin.create(paths[kind], { metadata: { name }, ...bodies[kind] })
  if (status !== 201) throw new Error(`${kind}/${name}: ${JSON.stringify(body)}`)
}

async function inParallel(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const rest = [...tasks]
  const work = async () => {
    for (let task = rest.pop(); task !== undefined; task = rest.pop()) await task()
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

const namesOf = (kind: string) => Array.from({ length: objectsOfEach }, (_, i) => `${kind}-${i}`)

async function scale(set: string, replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets`
  const known = await admin.get(`${path}/${set}`)
  if (known.status === 200) await admin.patch(`${path}/${set}`, { spec: { replicas } })
  else await admin.create(path, { metadata: { name: set }, spec: { ...workload, replicas, serviceName: set } })
}

/** A point of a series as one of the shards sent it. */
interface Sent {
  readonly shard: string
  readonly timeNano: bigint
  readonly isStale: boolean
}

interface Destinations {
  readonly receiver: OtlpReceiver
  /** What was sent, by series, in the order of arrival. */
  readonly sent: Map<string, Sent[]>
  readonly receivers: Receivers
}

async function startDestinations(name: string): Promise<Destinations> {
  const sent = new Map<string, Sent[]>()
  const receiver = await createOtlpReceiver({
    faults({ headers, decoded }) {
      const metrics = (decoded as DecodedResource[]).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.metrics))
      for (const { name, points } of metrics) {
        for (const { attributes, timeUnixNano, noRecordedValue } of points) {
          const series = seriesText(
            name,
            attributes.map(([key, value]) => [key, String(value)] as const),
          )
          const point = { shard: headers['x-shard'] ?? '', timeNano: timeUnixNano, isStale: noRecordedValue }
          sent.set(series, [...(sent.get(series) ?? []), point])
        }
      }
      return {}
    },
  })
  onTestFinished(() => receiver.close())
  const receivers = await startReceivers(facts, join(folder, name))
  onTestFinished(() => receivers.stop())
  return { receiver, sent, receivers }
}

const startInstance = (name: string, flags: readonly string[], kubeconfig = server.kubeconfig) =>
  startShardProcess(name, { kubeconfig, folder, resources, namespace }, flags)

const shardFlags = (set: string, ordinal: number) => [
  `--pod=${set}-${ordinal}`,
  `--pod-namespace=${namespace}`,
  '--leader-election',
  `--leader-election-lease-name=${set}`,
  `--leader-election-namespace=${namespace}`,
]

/** A kubeconfig with exactly the rights that the command `rbac` prints for a shard. */
async function grantRights(set: string): Promise<void> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await admin.create(accounts, { metadata: { name: set } })
  const selection = [`--resources=${resources}`, `--namespaces=${namespace}`]
  const words = ['rbac', `--name=${set}`, `--service-account=${namespace}/${set}`, ...selection, ...shardFlags(set, 0)]
  const text = execFileSync(process.execPath, ['src/main.ts', ...words], { encoding: 'utf8' })
  for (const document of parseAllDocuments(text)) {
    const role = document.toJS() as { kind: string; metadata: { namespace?: string } }
    const inNamespace = role.metadata.namespace === undefined ? '' : `/namespaces/${role.metadata.namespace}`
    const path = `/apis/rbac.authorization.k8s.io/v1${inNamespace}/${role.kind.toLowerCase()}s`
    const { status, body } = await admin.create(path, role)
    if (status !== 201) throw new Error(JSON.stringify(body))
  }
  const { body } = await admin.create(`${accounts}/${set}/token`, { spec: { expirationSeconds: 3600 } })
  const path = join(folder, `${set}.kubeconfig`)
  const { token } = (body as { status: { token: string } }).status
  const { apiUrl, ca } = server.access
  const cluster = { server: apiUrl, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'it' },
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  }
  writeFileSync(path, JSON.stringify(config))
}

/** It pushes to both: the receiver knows every point, and the Collector with Prometheus is what users have. */
const startShard = (set: string, ordinal: number, { receiver, receivers }: Destinations, method: string) => {
  const flags = [
    ...shardFlags(set, ordinal),
    `--kubernetes-shard-selectors=${method === 'ranges'}`,
    `--leader-election-identity=${set}-${ordinal}`,
    `--otlp-endpoint=http://${receiver.grpcAddress}`,
    `--otlp-headers=x-shard=${ordinal}`,
    `--destinations=[{name: collector, endpoint: "http://127.0.0.1:${receivers.otlpPort}"}]`,
    '--push-interval=10s',
    '--telemetry-otlp=false',
  ]
  return startInstance(`${set}-${ordinal}`, flags, join(folder, `${set}.kubeconfig`))
}

const sorted = (series: ReadonlyMap<string, number>) => [...series].sort(([a], [b]) => (a < b ? -1 : 1))

test.each([{ method: 'jump' }, { method: 'ranges' }])('2, 3 and 2 shards by $method', async ({ method }) => {
  const set = `set-${method}`
  const created = kinds.flatMap((kind) => namesOf(`${method}-${kind}`).map((name) => () => create(kind, name)))
  await inParallel(created)
  onTestFinished(() => inParallel(kinds.map((kind) => () => admin.delete(paths[kind]))))
  await scale(set, 2)
  await grantRights(set)
  const whole = await startInstance(`whole-${method}`, [])
  const destinations = await startDestinations(`receivers-${method}`)
  const { receiver, sent, receivers } = destinations
  const two = await Promise.all([0, 1].map((ordinal) => startShard(set, ordinal, destinations, method)))
  for (const shard of two) await shard.settled()
  expect(await untilLive(two)).toBe(0)
  const [all, ...parts] = await Promise.all([whole, ...two].map((instance) => instance.bytesRead()))
  console.log(`${method}: bytes read by one instance ${all}, by each of two shards ${parts.join(' and ')}`)
  const share = parts.reduce((sum, bytes) => sum + bytes, 0) / (all as number)
  if (method === 'ranges') expect(share).toBeLessThan(1.2)
  else expect(share).toBeGreaterThan(1.8)

  const churn = (from: number) =>
    inParallel(
      kinds.flatMap((kind) => [
        ...namesOf(`${method}-${kind}`)
          .slice(from, from + 50)
          .map((name) => () => admin.delete(`${paths[kind]}/${name}`)),
        ...Array.from({ length: 20 }, (_, i) => () => create(kind, `${method}-new-${from}-${kind}-${i}`)),
        ...Array.from({ length: 20 }, (_, i) => async () => {
          const name = `${method}-${kind}-${200 + i}`
          await admin.delete(`${paths[kind]}/${name}`)
          await create(kind, name)
        }),
      ]),
    )
  await scale(set, 3)
  const third = startShard(set, 2, destinations, method)
  await churn(0)
  const three = [...two, await third]
  for (const shard of three) await shard.settled()
  const upAtMs = performance.now()
  const ended = await untilLive(three)
  console.log(
    `${method}: after 2 → 3 all is equal ${Math.round(performance.now() - upAtMs)} ms after the handover, ${ended} series left to the lookback`,
  )

  await scale(set, 2)
  await churn(50)
  await (three[2] as ShardProcess).peer.stop('SIGTERM')
  for (const shard of two) await shard.settled()
  const left = await untilLive(two)
  console.log(`${method}: after 3 → 2 ${left} series left to the lookback`)

  const fresh = await startInstance(`fresh-${method}`, [])
  expect(sorted(await unionOf(two))).toEqual(sorted(await fresh.page()))
  expect([...receiver.liveSet.problems]).toEqual([])
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
  const living = await fresh.page()
  expect([...sent].filter(([series, points]) => living.has(series) && points.at(-1)?.isStale)).toEqual([])
  expect(
    [...sent]
      .filter(([series, points]) => !isOneAtATime(points, /-2[01]\d"/.test(series) ? 7 : 3))
      .map(([series]) => series),
  ).toEqual([])

  const shards = {
    name: 'both shards',
    series: () => unionOf(two),
    log: () => two.map(({ peer }) => peer.log()).join('\n'),
  }
  const selection = [`--resources=${resources}`, `--namespaces=${namespace}`]
  const comparison = { client: admin, namespaces: [namespace], folder, selection, receivers }
  const compared = await compareWithFreshList(comparison, '3 → 2', [shards], lookbackMs)
  recordFault({
    scenario: `2, 3 and 2 shards by ${method}, deletions and recreations meanwhile`,
    ...compared,
    notes: `bytes read by one instance ${all}, by each of two shards ${parts.join(' and ')}; series left to the lookback: ${ended} and ${left}`,
  })
  expect(compared.refused).toBe(0)

  /** All that lives is live at the receiver; how many ended series have no stale marker. */
  async function untilLive(shards: readonly ShardProcess[]): Promise<number> {
    let extra = 0
    await vi.waitFor(
      async () => {
        // With shard selectors they wait until it is known whether the object was created again.
        for (const shard of shards) expect(await shard.pendingMarkers()).toBe(0)
        const expected = await whole.page()
        expect(sorted(await unionOf(shards))).toEqual(sorted(expected))
        const live = new Map(
          [...receiver.liveSet.live()].flatMap(([text, value]) =>
            text.startsWith('kube_') ? [...parsePage(`${text} ${value}\n`)] : [],
          ),
        )
        expect([...expected.keys()].filter((series) => !live.has(series))).toEqual([])
        extra = [...live.keys()].filter((series) => !expected.has(series)).length
      },
      { timeout: 90_000, interval: 250 },
    )
    return extra
  }
})

/** Timestamps increase, and the series has changed hands no more often than the number of shards and its object changed. */
function isOneAtATime(points: readonly Sent[], mostWriters: number): boolean {
  const writers = points.map(({ shard }) => shard).filter((shard, i, all) => shard !== all[i - 1])
  const isIncreasing = points.every(({ timeNano }, i) => i === 0 || timeNano > (points[i - 1] as Sent).timeNano)
  return isIncreasing && writers.length <= mostWriters
}
