/**
 * One process with leader election at the real API server is killed, 500 Services are deleted or changed while nobody runs,
 * and another process continues where it stopped: every ended series is marked, and none that lives.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createKubeClient } from './kube-client.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'
import { useRealCluster } from './real-cluster.ts'

const facts = inject('cluster')
const folder = mkdtempSync(join(tmpdir(), 'resume-'))
const namespaces = ['resume-replay', 'resume-list']
let admin = createKubeClient(facts)

beforeAll(async () => {
  for (const name of namespaces) await admin.create('/api/v1/namespaces', { metadata: { name } })
})
afterAll(async () => {
  for (const name of namespaces) await admin.delete(`/api/v1/namespaces/${name}`)
  admin.close()
  rmSync(folder, { recursive: true })
})

interface Service {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string }
  readonly spec: { readonly externalName: string }
}

const seriesOf = ({ metadata, spec }: Service) => `${metadata.name} ${metadata.uid} ${spec.externalName}`
const receivedSeries = (text: string) =>
  /^kube_service_info\{.*service="([^"]+)",uid="([^"]+)".*external_name="([^"]+)"/.exec(text)?.slice(1, 4).join(' ')

function servicesIn(namespace: string) {
  const path = `/api/v1/namespaces/${namespace}/services`
  const bodyOf = (name: string, externalName: string) => ({
    metadata: { name },
    spec: { type: 'ExternalName', externalName },
  })
  const inParallel = async (names: readonly string[], request: (name: string) => Promise<{ status: number }>) => {
    const rest = [...names]
    const work = async () => {
      for (let name = rest.pop(); name !== undefined; name = rest.pop())
        expect((await request(name)).status).toBeLessThan(300)
    }
    await Promise.all(Array.from({ length: 12 }, work))
  }
  return {
    add: (names: readonly string[]) => inParallel(names, (name) => admin.create(path, bodyOf(name, 'old.example'))),
    relabel: (names: readonly string[]) =>
      inParallel(names, (name) => admin.patch(`${path}/${name}`, { spec: { externalName: 'new.example' } })),
    remove: (names: readonly string[]) => inParallel(names, (name) => admin.delete(`${path}/${name}`)),
    async live(): Promise<ReadonlySet<string>> {
      const { items } = (await admin.get(path)).body as { items: Service[] }
      return new Set(items.map(seriesOf))
    },
  }
}

async function startProcess(namespace: string, receiver: OtlpReceiver, run: number) {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const flags = [
    `--kubeconfig=${facts.kubeconfig}`,
    '--resources=services',
    `--namespaces=${namespace}`,
    '--leader-election',
    '--leader-election-identity=pod-a',
    `--leader-election-namespace=${namespace}`,
    `--otlp-endpoint=http://${receiver.grpcAddress}`,
    '--telemetry-otlp=false',
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
  ]
  const peer = startPeer(`${namespace}-${run}`, [process.execPath, 'src/main.ts', ...flags], folder)
  onTestFinished(() => peer.stop('SIGKILL'))
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  return { peer, readyAtMs: performance.now() }
}

const liveAt = ({ liveSet }: OtlpReceiver) =>
  new Set([...liveSet.live().keys()].flatMap((text) => receivedSeries(text) ?? []))

const untilLive = (receiver: OtlpReceiver, expected: ReadonlySet<string>) =>
  vi.waitFor(() => expect(liveAt(receiver)).toEqual(expected), { timeout: 60_000, interval: 50 })

/** Waits until the Lease says that everything so far is acknowledged. */
async function untilPublished(namespace: string): Promise<number> {
  const read = async (path: string) => (await admin.get(path)).body as Record<string, Record<string, unknown>>
  const present = Number((await read(`/api/v1/namespaces/${namespace}/services?limit=1`)).metadata?.resourceVersion)
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/kube-state-otlp`
  return vi.waitFor(
    async () => {
      const annotations = (await read(lease)).metadata?.annotations as Record<string, string>
      const [state] = Object.values(JSON.parse(annotations['kube-state-otlp/acknowledged'] as string).destinations)
      const { base, behind } = state as { base: number; behind: Record<string, number> }
      const revision = base - (behind['v1/services'] ?? Number.NaN)
      // Other objects change too: the last Service is older than the present.
      expect(present - revision).toBeLessThan(200)
      return revision
    },
    { timeout: 60_000, interval: 200 },
  )
}

async function setUp(namespace: string) {
  const arrivals: Arrival[] = []
  const receiver = await createOtlpReceiver({ liveSet: { onArrival: (arrival) => void arrivals.push(arrival) } })
  onTestFinished(() => receiver.close())
  const services = servicesIn(namespace)
  const names = Array.from({ length: 600 }, (_, i) => `s${i}`)
  await services.add(names)
  const { peer } = await startProcess(namespace, receiver, 1)
  await untilLive(receiver, await services.live())
  await untilPublished(namespace)
  return { receiver, arrivals, services, names, peer }
}

const marked = (arrivals: readonly Arrival[]) =>
  new Set(arrivals.flatMap(({ series, value }) => (value === undefined ? (receivedSeries(series) ?? []) : [])))

test('killed, 30 s down, 500 deletions and relabelings: all that ended is marked within 5 s of readiness', async () => {
  const [namespace = ''] = namespaces
  const { receiver, arrivals, services, names, peer } = await setUp(namespace)
  // Younger than what is published, and sent: only the watch knows that they were there.
  const young = Array.from({ length: 20 }, (_, i) => `young${i}`)
  await services.add(young)
  await untilLive(receiver, await services.live())
  const before = liveAt(receiver)
  await peer.stop('SIGKILL')
  const killedAtMs = performance.now()
  await services.remove([...names.slice(0, 300), ...young])
  await services.relabel(names.slice(300, 480))
  await services.add(['new1', 'new2'])
  await sleep(Math.max(0, 30_000 - (performance.now() - killedAtMs)))
  const expected = await services.live()
  arrivals.length = 0
  const startedAtMs = performance.now()
  const { peer: next, readyAtMs } = await startProcess(namespace, receiver, 2)
  await untilLive(receiver, expected)
  const [readyMs, rightMs] = [readyAtMs - startedAtMs, performance.now() - readyAtMs]
  const ended = before.difference(expected)
  console.log(
    `${ended.size} series ended while nobody ran; ready after ${Math.round(readyMs)} ms, all marked ${Math.round(rightMs)} ms later`,
  )
  expect(ended.size).toBe(500)
  expect(marked(arrivals)).toEqual(ended)
  expect(rightMs).toBeLessThan(5000)
  expect(next.log()).toContain('resumed: what has ended meanwhile gets stale markers')
  expect([...receiver.liveSet.problems]).toEqual([])
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
})

test('the API server is restarted too: the past is listed, and compared with the present', async () => {
  const [, namespace = ''] = namespaces
  const { receiver, arrivals, services, names, peer } = await setUp(namespace)
  const before = liveAt(receiver)
  await peer.stop('SIGKILL')
  await services.remove(names.slice(0, 300))
  await services.relabel(names.slice(300, 500))
  const cluster = useRealCluster(facts)
  await cluster.killApiServer()
  await cluster.startApiServer()
  admin.close()
  admin = createKubeClient(facts)
  const expected = await services.live()
  arrivals.length = 0
  const { peer: next, readyAtMs } = await startProcess(namespace, receiver, 2)
  await untilLive(receiver, expected)
  console.log(
    `after a restart of the API server: all marked ${Math.round(performance.now() - readyAtMs)} ms after readiness`,
  )
  expect(marked(arrivals)).toEqual(before.difference(expected))
  const line = next
    .log()
    .split('\n')
    .find((text) => text.includes('resumed'))
  console.log(line)
  expect(next.log()).toMatch(/resumed in part/)
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
})
