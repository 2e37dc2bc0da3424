/**
 * An API server on kine with SQLite instead of etcd: streamed lists, watches, the Lease, and continuing where a process that
 * was killed had stopped. KINE is the path of kine, or it is in the folder of the other programs; skipped without it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { deploymentObject } from './churn.ts'
import type { KubeClient } from './kube-client.ts'
import { createKubeClient } from './kube-client.ts'
import { everything, expectPage, expectReceived, findServed, pagedLists } from './page-checks.ts'
import { startReplica } from './replicas.ts'

const kine = process.env.KINE ?? join(process.env.PEERS_BIN ?? '', 'kine')
const isThere = existsSync(kine)
if (!isThere) console.warn(`SKIPPED: no kine at ${kine}; build it from its Go module and set KINE to its path`)

const folder = mkdtempSync(join(tmpdir(), 'kine-'))
const services = '/api/v1/namespaces/default/services'
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/kube-state-otlp'

describe.skipIf(!isThere)('an API server on kine', () => {
  let server: ApiServer
  let client: KubeClient
  let receiver: OtlpReceiver
  let served: readonly AnyResource[]

  beforeAll(async () => {
    server = await startApiServer({ kine, flags: ['--disable-admission-plugins=ServiceAccount'] })
    client = createKubeClient(server.access)
    served = await findServed(server)
    await populate()
  })
  beforeEach(async () => {
    receiver = await createOtlpReceiver({})
  })
  afterEach(() => receiver.close())
  afterAll(async () => {
    client?.close()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  const write = async (request: Promise<{ readonly status: number; readonly body: unknown }>) => {
    const { status, body } = await request
    expect(status, JSON.stringify(body)).toBeLessThan(300)
  }
  const addService = (name: string) =>
    write(client.create(services, { metadata: { name }, spec: { type: 'ExternalName', externalName: 'old.example' } }))
  const remove = (name: string) => write(client.delete(`${services}/${name}`))
  const relabel = (name: string) =>
    write(client.patch(`${services}/${name}`, { spec: { externalName: 'new.example' } }))

  async function populate(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const metadata = { name: `object-${i}` }
      await addService(`service-${i}`)
      await write(client.create('/api/v1/namespaces/default/secrets', { metadata, type: 'Opaque' }))
      await write(client.create('/api/v1/namespaces/default/configmaps', { metadata, data: { key: 'value' } }))
      await write(client.create('/apis/apps/v1/namespaces/default/deployments', deploymentObject(`app-${i}`, i, 1)))
      const containers = [{ name: 'web', image: 'registry.example/web:1' }]
      await write(client.create('/api/v1/namespaces/default/pods', { metadata, spec: { containers } }))
    }
  }

  const replica = (identity: string, more: readonly string[]) =>
    startReplica(identity, {
      kubeconfig: server.kubeconfig,
      folder,
      otlpEndpoint: `http://${receiver.grpcAddress}`,
      flags: [...everything, '--leader-election-namespace=default', ...more],
    })

  test('lists are streamed, changes arrive, and the Lease moves when the leader is killed', async () => {
    const flags = [
      '--leader-election-lease-name=kill',
      '--leader-election-lease-duration=4s',
      '--leader-election-renew-deadline=3s',
      '--leader-election-retry-period=500ms',
    ]
    const first = await replica('first', flags)
    await first.untilLine('leader election: leading')
    await expectPage(first, server, served)
    expect(await pagedLists(first)).toEqual([])
    await Promise.all([addService('new'), remove('service-0'), relabel('service-1')])
    await expectPage(first, server, served)
    await expectReceived(first, receiver)
    const second = await replica('second', flags)
    await second.untilLine('leader election: standby; first holds the Lease')
    await first.peer.stop('SIGKILL')
    await second.untilLine('leader election: leading')
    await remove('service-2')
    await expectPage(second, server, served)
    await expectReceived(second, receiver)
    expect([...receiver.liveSet.problems]).toEqual([])
    await second.peer.stop()
  })

  test('paged lists give the same page', async () => {
    const flags = ['--kubernetes-watch-list=false', '--kubernetes-protobuf=false', '--leader-election-lease-name=paged']
    const paged = await replica('paged', flags)
    await expectPage(paged, server, served)
    expect((await pagedLists(paged)).length).toBe(served.length)
    await paged.peer.stop()
  })

  /** The revision below which every stale marker of a Service is acknowledged, from the Lease. */
  async function acknowledged(): Promise<number> {
    const { metadata } = (await client.get(leasePath)).body as { metadata: { annotations: Record<string, string> } }
    const [state] = Object.values(JSON.parse(metadata.annotations['kube-state-otlp/acknowledged'] ?? '').destinations)
    const { base, behind } = state as { base: number; behind: Record<string, number> }
    return base - (behind['v1/services'] ?? Number.NaN)
  }

  async function newestService(): Promise<number> {
    const { items } = (await client.get(services)).body as { items: { metadata: { resourceVersion: string } }[] }
    return Math.max(...items.map(({ metadata }) => Number(metadata.resourceVersion)))
  }

  test('a process that is killed is continued: what ended meanwhile gets stale markers', async () => {
    const first = await replica('same', [])
    await first.untilLine('leader election: leading')
    await expectReceived(first, receiver)
    const newest = await newestService()
    await vi.waitFor(async () => expect(await acknowledged()).toBeGreaterThanOrEqual(newest), { timeout: 120_000 })
    await first.peer.stop('SIGKILL')
    await Promise.all([3, 4, 5, 6].map((i) => remove(`service-${i}`)))
    await Promise.all([7, 8, 9].map((i) => relabel(`service-${i}`)))
    const second = await replica('same', [])
    await second.untilLine('leader election: leading')
    await expectPage(second, server, served)
    // The receiver ends series by their stale markers alone, so equality shows that all were sent, and none that lives.
    await expectReceived(second, receiver)
    expect(second.peer.log()).toContain('resumed: what has ended meanwhile gets stale markers')
    expect([...receiver.liveSet.problems]).toEqual([])
  })
})
