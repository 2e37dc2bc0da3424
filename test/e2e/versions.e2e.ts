/**
 * The control planes of several minor versions of Kubernetes: both decoders on every kind, streamed and paged lists, the main
 * path with churn, and leader election. Writes docs/kubernetes-versions.md.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { churn, populate } from './churn.ts'
import { compareDecoders } from './decoder-comparison.ts'
import { createKubeClient } from './kube-client.ts'
import type { FeatureGate } from './kubernetes-versions.ts'
import { findVersions, readFeatureGates } from './kubernetes-versions.ts'
import { everything, expectPage, expectReceived, findServed, pagedLists } from './page-checks.ts'
import { waitFor } from './peers.ts'
import type { RealCluster } from './real-cluster.ts'
import { startRealCluster } from './real-cluster.ts'
import { startReplica } from './replicas.ts'
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
  let hasFailed = false
  const result: { -readonly [K in keyof VersionResult]?: VersionResult[K] } = { version: name }

  beforeAll(async () => {
    server = await startApiServer({ programs })
    receiver = await createOtlpReceiver({})
    gates = await readFeatureGates(server)
    served = await findServed(server)
    result.gates = gates
    result.missing = resources.filter((resource) => !served.includes(resource))
  })
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    await receiver?.close()
    await server?.stop()
    if (isComplete(result) && !hasFailed) results.push(result)
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
      flags: [...everything, ...lease, ...flags],
    })

  test('page, receiver and lists are equal, and the Lease moves when the leader is killed', async () => {
    const endpoint = `http://${receiver.grpcAddress}`
    const first = await replica('first', endpoint, ['--leader-election-lease-name=kill'])
    await first.untilLine('leader election: leading')
    await expectPage(first, server, served)
    result.series = await expectReceived(first, receiver)
    expect((await pagedLists(first)).length).toBe(streamsLists() ? 0 : served.length)
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
    expect((await pagedLists(paged)).length).toBe(served.length)
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
      const paged = await pagedLists(reader)
      if (gate.isEnabled) expect(paged.length).toBe(served.length)
      // 1.33 does not stream lists of tables, and a Secret is read as one.
      else expect(paged).toEqual(name.startsWith('v1.33.') ? ['*v1.Secret'] : [])
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

/** A version of which a test failed, or was not run, has no row. */
const isComplete = (result: object): result is VersionResult =>
  ['mainPath', 'series', 'objects', 'failoverMs'].every((part) => part in result)

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
