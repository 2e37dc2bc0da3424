/**
 * Limits on series, on the real API server and Prometheus: two replicas that got the objects in different orders admit the same,
 * what is withheld ends at the receiver and returns when there is room, and `cardinality` counts it.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createKubeClient } from './kube-client.ts'
import { freePort, startPrometheus, waitForUrl } from './peers.ts'
import type { Replica } from './replicas.ts'
import { startReplica } from './replicas.ts'
import { parsePage, queryPrometheus } from './series.ts'

const facts = inject('cluster')
const admin = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-limits-'))
const namespace = 'limits'
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
const max = 20
const selection = [
  '--resources=configmaps',
  `--namespaces=${namespace}`,
  '--metric-allowlist=^kube_configmap_info$',
  `--limits-series-per-resource=configmaps=${max}`,
]
const run = promisify(execFile)

afterAll(() => admin.close())

interface Listed {
  readonly metadata: { readonly name: string; readonly uid: string; readonly creationTimestamp: string }
}

/** The names of the oldest objects, by creation and UID. */
async function oldest(): Promise<string[]> {
  const { body } = await admin.get(configMaps)
  const keyOf = ({ metadata }: Listed) => `${metadata.creationTimestamp} ${metadata.uid}`
  const items = (body as { items: Listed[] }).items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return items
    .slice(0, max)
    .map(({ metadata }) => metadata.name)
    .sort()
}

const namesOf = (series: Iterable<string>) => [...series].map((text) => /configmap="([^"]*)"/.exec(text)?.[1]).sort()
const shownBy = async (replica: Replica) => namesOf(parsePage(await replica.page()).keys())

async function withheldBy(replica: Replica): Promise<number> {
  const [, value] =
    /^kube_state_otlp_series_withheld\{.*resource="configmaps".*\} (\d+)$/m.exec(await replica.selfMetrics()) ?? []
  return Number(value)
}

async function cardinality(...args: string[]): Promise<{ total: { series: number; withheld: number } }> {
  const { stdout } = await run(process.execPath, ['src/main.ts', 'cardinality', '--format=json', ...args])
  return JSON.parse(stdout)
}

test('two replicas withhold the same objects, which return when there is room', { timeout: 240_000 }, async () => {
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const prometheusPort = await freePort()
  const prometheus = startPrometheus(facts.programs, folder, prometheusPort)
  onTestFinished(() => prometheus.stop('SIGKILL'))
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`
  await waitForUrl(`${prometheusUrl}/-/ready`)
  const options = {
    kubeconfig: facts.kubeconfig,
    folder,
    otlpEndpoint: `${prometheusUrl}/api/v1/otlp`,
    flags: [
      ...selection,
      '--otlp-protocol=http/protobuf',
      '--leader-election-namespace=default',
      '--leader-election-lease-name=limits',
    ],
  }
  const first = await startReplica('limits-a', options)
  await first.untilLine('leading')
  // The newest names come first, so that a list has another order than the events.
  for (let i = 39; i >= 10; i--) {
    expect((await admin.create(configMaps, { metadata: { name: `c${i}` } })).status).toBe(201)
    if (i % 6 === 0) await new Promise((resolve) => setTimeout(resolve, 1100))
  }
  const second = await startReplica('limits-b', options)
  const settled = async (replicas: readonly Replica[]) => {
    const names = await oldest()
    for (const replica of replicas) {
      await vi.waitFor(async () => expect(await shownBy(replica)).toEqual(names), { timeout: 20_000, interval: 100 })
    }
    const live = async () =>
      namesOf((await queryPrometheus(prometheusUrl, `kube_configmap_info{namespace="${namespace}"}`)).keys())
    await vi.waitFor(async () => expect(await live()).toEqual(names), { timeout: 20_000, interval: 200 })
    return names
  }
  const before = await settled([first, second])
  expect(before).toHaveLength(max)
  const { body } = await admin.get(configMaps)
  const withheld = (body as { items: Listed[] }).items.length - max
  expect(withheld).toBeGreaterThanOrEqual(10)
  for (const replica of [first, second]) expect(await withheldBy(replica)).toBe(withheld)

  await second.peer.stop('SIGKILL')
  const restarted = await startReplica('limits-c', options)
  expect(await settled([first, restarted])).toEqual(before)

  const ofInstance = await cardinality(restarted.telemetryUrl)
  expect(ofInstance.total).toMatchObject({ series: max, withheld })
  const ofCluster = await cardinality(`--kubeconfig=${facts.kubeconfig}`, ...selection)
  expect(ofCluster.total).toMatchObject({ series: max, withheld })

  const gone = before.filter((name) => name?.startsWith('c')).slice(-5)
  for (const name of gone) expect((await admin.delete(`${configMaps}/${name}`)).status).toBe(200)
  await vi.waitFor(async () => expect(await withheldBy(first)).toBe(withheld - gone.length), { timeout: 20_000 })
  const after = await settled([first, restarted])
  expect(after.filter((name) => !before.includes(name))).toHaveLength(gone.length)
  for (const replica of [first, restarted]) expect(await withheldBy(replica)).toBe(withheld - gone.length)
})
