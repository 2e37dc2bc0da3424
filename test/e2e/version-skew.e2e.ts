/**
 * This version and a former one as replicas of one Lease at a real API server: a rolling upgrade, and its rollback, by kill -9
 * and in order. FORMER_COMMIT names the former version; by default the last commit that published no progress in the Lease.
 * Skipped when the repository does not have it, as in a shallow clone.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
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
import type { Replica } from './replicas.ts'
import { startReplica } from './replicas.ts'
import { parsePage } from './series.ts'

const commit = process.env.FORMER_COMMIT ?? '5a7b720afa82cee1fc0d7a54cf72a18882126ab0'
const folder = mkdtempSync(join(tmpdir(), 'version-skew-'))
const former = join(folder, 'former')
const isThere = spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`]).status === 0
if (!isThere) console.warn(`SKIPPED: this repository has no commit ${commit}; fetch its history, or set FORMER_COMMIT`)

/** The sources of the former version, with the packages of this one. */
function checkOut(): void {
  const input = execFileSync('git', ['archive', commit, 'src', 'package.json'], { maxBuffer: 100_000_000 })
  mkdirSync(former)
  execFileSync('tar', ['-x', '-C', former], { input })
  symlinkSync(resolve('node_modules'), join(former, 'node_modules'))
}

const services = '/api/v1/namespaces/skew/services'
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/kube-state-otlp'
const selection = ['--resources=services', '--namespaces=skew']
const durationMs = 4000
/** What ended while none ran may have no stale marker, and ends with the lookback of Prometheus. */
const lookbackMs = 400_000
const lease = [
  '--leader-election-namespace=default',
  `--leader-election-lease-duration=${durationMs}ms`,
  '--leader-election-renew-deadline=3s',
  '--leader-election-retry-period=500ms',
]

beforeAll(() => {
  if (isThere) checkOut()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!isThere).each([
  { from: 'former', to: 'present', title: 'an upgrade' },
  { from: 'present', to: 'former', title: 'a rollback' },
] as const)('$title', ({ from, to, title }) => {
  let server: ApiServer
  let client: KubeClient
  let receiver: OtlpReceiver
  /** A Collector, which forwards everything to the receiver too, and Prometheus. */
  let receivers: Receivers
  let arrivals: Arrival[]

  beforeAll(async () => {
    server = await startApiServer()
    client = createKubeClient(server.access)
    arrivals = []
    receiver = await createOtlpReceiver({ liveSet: { onArrival: (arrival) => void arrivals.push(arrival) } })
    receivers = await startReceivers(
      inject('cluster'),
      join(folder, `receivers-${to}`),
      `http://${receiver.httpAddress}`,
    )
    await write(client.create('/api/v1/namespaces', { metadata: { name: 'skew' } }))
    for (let i = 0; i < 30; i++) await add(`service-${i}`)
  })
  afterAll(async () => {
    client?.close()
    await receivers?.stop()
    await receiver?.close()
    await server?.stop()
  })

  const write = async (request: Promise<{ readonly status: number }>) =>
    expect((await request).status).toBeLessThan(300)
  const add = (name: string) =>
    write(client.create(services, { metadata: { name }, spec: { type: 'ExternalName', externalName: 'old.example' } }))
  const remove = (name: string) => write(client.delete(`${services}/${name}`))
  const relabel = (name: string) =>
    write(client.patch(`${services}/${name}`, { spec: { externalName: 'new.example' } }))

  const start = (version: 'former' | 'present', name: string): Promise<Replica> =>
    startReplica(`${name}-${version}`, {
      kubeconfig: server.kubeconfig,
      folder,
      otlpEndpoint: `http://127.0.0.1:${receivers.otlpPort}`,
      flags: [...selection, ...lease],
      checkout: version === 'former' ? former : undefined,
    })

  const nameIn = (series: string) =>
    /^kube_service_info\{.*service="([^"]+)".*external_name="([^"]+)"/.exec(series)?.slice(1, 3).join(' ')

  async function present(): Promise<ReadonlySet<string>> {
    const { items } = (await client.get(services)).body as {
      items: { metadata: { name: string }; spec: { externalName: string } }[]
    }
    return new Set(items.map(({ metadata, spec }) => `${metadata.name} ${spec.externalName}`))
  }

  const received = () => new Set([...receiver.liveSet.live().keys()].flatMap((series) => nameIn(series) ?? []))

  async function untilReceived(): Promise<void> {
    const expected = await present()
    await vi.waitFor(() => expect(received()).toEqual(expected), { timeout: 60_000, interval: 20 })
  }

  /** No sample was refused or doubled, and no series that lives was ended. */
  async function expectHarmless(): Promise<void> {
    expect([...receiver.liveSet.problems]).toEqual([])
    expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
    const live = await present()
    const ended = arrivals.flatMap(({ series, value }) => (value === undefined ? (nameIn(series) ?? []) : []))
    expect(ended.filter((name) => live.has(name))).toEqual([])
  }

  async function changeSome(i: number): Promise<void> {
    await Promise.all([remove(`service-${i}`), relabel(`service-${i + 1}`), add(`new-${i}`)])
  }

  test('the leader is killed: the other version takes over in time, and ends what ended meanwhile', async () => {
    const leader = await start(from, 'a')
    await leader.untilLine('leader election: leading')
    await untilReceived()
    const standby = await start(to, 'b')
    await standby.untilLine(`leader election: standby; a-${from} holds the Lease`)
    await changeSome(0)
    await untilReceived()
    await leader.peer.stop('SIGKILL')
    const killedAtMs = performance.now()
    await changeSome(2)
    await standby.untilLine('leader election: leading')
    await untilReceived()
    const gapMs = performance.now() - killedAtMs
    console.log(`${from} killed: ${to} had everything right after ${Math.round(gapMs)} ms`)
    expect(gapMs).toBeLessThan(durationMs + 3000)
    await expectHarmless()

    // Back to the version before, in order.
    const next = await start(from, 'c')
    await next.untilLine(`leader election: standby; b-${to} holds the Lease`)
    await changeSome(4)
    await standby.peer.stop('SIGTERM')
    await next.untilLine('leader election: leading')
    await changeSome(6)
    await untilReceived()
    await expectHarmless()

    // None runs for a moment. What the Lease says is of two leaders ago.
    await next.peer.stop('SIGKILL')
    await changeSome(8)
    const other = await start(to, 'd')
    await expectContinued(other, 10)
    // It resumes: the former version leaves what the Lease says as it is, and what is older only replays more.
    if (to === 'present') {
      expect(other.peer.log()).toContain('resumed: what has ended meanwhile gets stale markers')
      await untilReceived()
    }

    // An annotation comes from a version that neither knows.
    await other.peer.stop('SIGKILL')
    await changeSome(12)
    const annotations = { 'kube-state-otlp/of-a-later-version': 'x', 'kube-state-otlp/acknowledged': '{"version":99}' }
    await write(client.patch(leasePath, { metadata: { annotations } }))
    const last = await start(to, 'e')
    await expectContinued(last, 14)
    const { metadata } = (await client.get(leasePath)).body as { metadata: { annotations: Record<string, string> } }
    expect(metadata.annotations).toHaveProperty(['kube-state-otlp/of-a-later-version'], 'x')

    const page = { name: 'page', series: async () => parsePage(await last.page()), log: last.peer.log }
    const comparison = { client, namespaces: ['skew'], folder, selection, receivers }
    const compared = await compareWithFreshList(comparison, title, [page], lookbackMs)
    recordFault({
      scenario: `${title} between versions with one Lease: killed, in order, none running, killed`,
      ...compared,
      notes: `leader killed: ${(gapMs / 1000).toFixed(1)} s until the other version had sent everything`,
    })
    expect(compared.refused).toBe(0)
  })

  /** Everything that lives arrives; what ended while none ran may live on until the lookback of the receiver. */
  async function expectContinued(replica: Replica, i: number): Promise<void> {
    await replica.untilLine('leader election: leading')
    await changeSome(i)
    const live = await present()
    await vi.waitFor(() => expect(live.difference(received())).toEqual(new Set()), { timeout: 60_000, interval: 20 })
    await expectHarmless()
  }
})
