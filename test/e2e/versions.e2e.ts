/**
 * The control planes of several minor versions of Kubernetes: both decoders on every kind, streamed and paged lists, the main
 * path with churn, and leader election. Writes docs/kubernetes-versions.md.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { churn, populate } from './churn.ts'
import { folderOf } from './corpus.ts'
import { compareDecoders } from './decoder-comparison.ts'
import { createKubeClient } from './kube-client.ts'
import type { FeatureGate } from './kubernetes-versions.ts'
import { findVersions, readFeatureGates } from './kubernetes-versions.ts'
import { waitFor } from './peers.ts'
import type { RealCluster } from './real-cluster.ts'
import { startRealCluster } from './real-cluster.ts'
import { renderLists, steadyLines } from './rendered-lists.ts'
import type { Replica } from './replicas.ts'
import { startReplica } from './replicas.ts'
import { compareSeries, isEqual, parsePage } from './series.ts'
import { startStack } from './stack.ts'
import type { VersionResult } from './version-report.ts'
import { renderVersionReport } from './version-report.ts'

const size = { namespaces: 2, deploymentsPerNamespace: 10, replicas: 10, nodes: 10 }
const churnMs = 15_000
const reportPath = 'docs/kubernetes-versions.md'
const lease = [
  '--leader-election-namespace=default',
  '--leader-election-lease-duration=4s',
  '--leader-election-renew-deadline=3s',
  '--leader-election-retry-period=500ms',
]
const versions = findVersions()
const results: VersionResult[] = []

afterAll(() => {
  const former = existsSync(reportPath) ? readFileSync(reportPath, 'utf8') : ''
  if (results.length > 0) writeFileSync(reportPath, renderVersionReport(results, former))
})

test('there are versions to test', () => expect(versions.length).toBeGreaterThan(0))

describe.each(versions)('Kubernetes $name', ({ name, programs }) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-version-'))
  let server: ApiServer
  let receiver: OtlpReceiver
  let gates: ReadonlyMap<string, FeatureGate>
  let served: readonly AnyResource[]
  const streamsLists = () => gates.get('WatchList')?.isEnabled === true
  const result: { -readonly [K in keyof VersionResult]?: VersionResult[K] } = { version: name }

  beforeAll(async () => {
    server = await startApiServer({ programs })
    receiver = await createOtlpReceiver({})
    gates = await readFeatureGates(server)
    served = await findServed(server)
    result.gates = gates
    result.missing = resources.filter((resource) => !served.includes(resource))
  })
  afterAll(async () => {
    await receiver?.close()
    await server?.stop()
    if (isComplete(result)) results.push(result)
  })

  test('objects, lists and watches of every kind read the same as JSON and as protobuf', async () => {
    let objects = 0
    for (const resource of served) objects += await compareDecoders(server, { resource, streamsLists: streamsLists() })
    result.objects = objects
  })

  const replica = (identity: string, otlpEndpoint: string, flags: readonly string[], of = server) =>
    startReplica(identity, {
      kubeconfig: of.kubeconfig,
      folder,
      otlpEndpoint,
      flags: [...selection, ...lease, ...flags],
    })

  test('page, receiver and lists are equal, and the Lease moves when the leader is killed', async () => {
    const endpoint = `http://${receiver.grpcAddress}`
    const first = await replica('first', endpoint, ['--leader-election-lease-name=kill'])
    await first.untilLine('leader election: leading')
    await expectPage(first, server, served)
    result.series = await expectReceived(first, receiver)
    expect(await howListed(first)).toBe(streamsLists() ? 'streamed' : 'paged')
    const second = await replica('second', endpoint, ['--leader-election-lease-name=kill'])
    await second.untilLine('leader election: standby; first holds the Lease')
    const killedAt = performance.now()
    await first.peer.stop('SIGKILL')
    await second.untilLine('leader election: leading')
    result.failoverMs = performance.now() - killedAt
    await expectReceived(second, receiver)
    expect([...receiver.liveSet.problems]).toEqual([])
  })

  test('paged lists of JSON give the same page', async () => {
    const flags = ['--kubernetes-watch-list=false', '--kubernetes-protobuf=false', '--leader-election-lease-name=json']
    const paged = await replica('paged', `http://${receiver.grpcAddress}`, flags)
    await expectPage(paged, server, served)
    expect(await howListed(paged)).toBe('paged')
  })

  test('with streaming lists the other way round the page is the same', async () => {
    const gate = gates.get('WatchList')
    if (gate === undefined || gate.stage === 'GA') return
    const other = await startApiServer({ programs, flags: [`--feature-gates=WatchList=${!gate.isEnabled}`] })
    try {
      for (const resource of served.slice(0, 5))
        await compareDecoders(other, { resource, streamsLists: !gate.isEnabled })
      const flags = ['--leader-election-lease-name=other']
      const reader = await replica('other', `http://${receiver.grpcAddress}`, flags, other)
      await expectPage(reader, other, served)
      expect(await howListed(reader)).toBe(gate.isEnabled ? 'paged' : 'streamed')
    } finally {
      await other.stop()
    }
  })

  test('the main path: controllers, churn, and the same series on the page, in the Collector and in Prometheus', async () => {
    const cluster = await startRealCluster(programs)
    try {
      result.mainPath = await runMainPath(cluster, folder)
    } finally {
      await cluster.down()
    }
  })
})

const selection = [`--resources=${resources.map(({ plural }) => plural).join(',')}`, '--metric-opt-in-list=.*']
/** A version of which a test failed has no row. */
const isComplete = (result: object): result is VersionResult =>
  ['mainPath', 'series', 'objects', 'failoverMs'].every((part) => part in result)

/** The resources whose lists answer 200; the others answer 404. */
async function findServed(server: ApiServer): Promise<readonly AnyResource[]> {
  const served: AnyResource[] = []
  for (const resource of resources) {
    const answer = await server.get(`${folderOf(resource)}?limit=1`, 'application/json')
    answer.resume()
    expect([200, 404], resource.plural).toContain(answer.statusCode)
    if (answer.statusCode === 200) served.push(resource)
  }
  return served
}

async function expectPage(replica: Replica, server: ApiServer, served: readonly AnyResource[]): Promise<void> {
  const both = async () => {
    const [shown, rendered] = await Promise.all([replica.page(), renderLists(server, served, selection)])
    return [steadyLines(shown), steadyLines(rendered)] as const
  }
  await waitFor('a page as long as the rendered lists', async () => {
    const [shown, rendered] = await both()
    return shown.length === rendered.length ? true : undefined
  })
  const [shown, rendered] = await both()
  expect(shown).toEqual(rendered)
}

/** Waits until the receiver holds the series of the page, and returns their number. */
async function expectReceived(replica: Replica, receiver: OtlpReceiver): Promise<number> {
  return waitFor('the series of the page at the receiver', async () => {
    const shown = parsePage(await replica.page())
    const held = parsePage([...receiver.liveSet.live()].map(([series, value]) => `${series} ${value}`).join('\n'))
    return isEqual(compareSeries(shown, held)) ? shown.size : undefined
  })
}

/** How initial lists were read. */
async function howListed(replica: Replica): Promise<'streamed' | 'paged'> {
  const metrics = await replica.selfMetrics()
  return /^kube_state_metrics_list_total\{.*result="success".*\} [1-9]/m.test(metrics) ? 'paged' : 'streamed'
}

async function runMainPath(cluster: RealCluster, folder: string): Promise<VersionResult['mainPath']> {
  const client = createKubeClient(cluster.facts)
  await populate(client, size)
  const stack = await startStack({ facts: cluster.facts, folder, flags: [] })
  try {
    const pods = size.namespaces * size.deploymentsPerNamespace * size.replicas
    await waitFor(`${pods} running pods`, async () => {
      const [running] = (await stack.query('sum(kube_pod_status_phase{phase="Running"})')).values()
      return running !== undefined && running >= pods ? true : undefined
    })
    await churn(client, size, 1, 200, AbortSignal.timeout(churnMs))
    const { series } = await stack.expectEqual('churn')
    expect(await stack.refusedSamples()).toBe(0)
    return { series }
  } finally {
    await stack.stop()
    client.close()
  }
}
