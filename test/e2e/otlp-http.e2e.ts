/**
 * OTLP/HTTP straight to Prometheus, without a Collector: the page of the product and Prometheus have the same series through
 * churn, the end of objects, a restart of the receiver and a killed API server.
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { churn, deploymentObject, namespaceOf, populate } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import { useRealCluster } from './real-cluster.ts'
import { fetchText, refusedSamples } from './receivers.ts'
import type { Difference } from './series.ts'
import { abridge, compareSeries, isEqual, objectStateQuery, parsePage, queryPrometheus } from './series.ts'
import type { StartedProduct } from './stack.ts'
import { describeObjects, startProduct } from './stack.ts'

/** Namespaces of its own: others leave theirs with fewer pods. */
const size = {
  ...{ prefix: 'otlp-http', namespaces: 3, deploymentsPerNamespace: 8, nodes: 10 },
  replicas: Number(process.env.E2E_REPLICAS ?? 12),
}
const churnMs = Number(process.env.E2E_CHURN_SECONDS ?? 60) * 1000
const outageMs = Number(process.env.E2E_OUTAGE_SECONDS ?? 45) * 1000

const facts = inject('cluster')
const cluster = useRealCluster(facts)
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-otlp-http-'))
let prometheusPort: number
let prometheus: Peer
let product: StartedProduct

const prometheusUrl = () => `http://127.0.0.1:${prometheusPort}`
const query = (text: string) => queryPrometheus(prometheusUrl(), text)
const churnFor = (ms: number, seed: number) => churn(client, size, seed, 400, AbortSignal.timeout(ms))

async function startReceiver(): Promise<void> {
  prometheus = startPrometheus(facts.programs, folder, prometheusPort)
  await waitForUrl(`${prometheusUrl()}/-/ready`)
}

/** Waits until the page and Prometheus are equal; returns how many series that is. */
async function expectEqual(when: string): Promise<number> {
  let last: Difference | undefined
  const series = await waitFor(
    `equal series (${when})`,
    async () => {
      const expected = parsePage(await fetchText(product.metricsUrl))
      last = compareSeries(expected, await query(objectStateQuery))
      return isEqual(last) ? expected : undefined
    },
    420_000,
  ).catch((error: unknown) => expect.fail(`${error}\n${last && JSON.stringify(abridge(last), null, 1)}`))
  console.log(`${when}: ${series.size} series of ${describeObjects(series)}`)
  return series.size
}

beforeAll(async () => {
  await populate(client, size)
  prometheusPort = await freePort()
  await startReceiver()
  const flags = [
    '--resources=pods,deployments,namespaces,nodes',
    '--otlp-protocol=http/protobuf',
    `--otlp-endpoint=${prometheusUrl()}/api/v1/otlp`,
    '--otlp-compression=gzip',
  ]
  product = await startProduct({ facts, folder, flags })
})

afterAll(async () => {
  await product?.peer.stop()
  await prometheus?.stop('SIGKILL')
  client.close()
})

it('has the same series on the page and in Prometheus once it is synced', async () => {
  const pods = size.namespaces * size.deploymentsPerNamespace * size.replicas
  const hasPods = async () => ((await query('kube_pod_info')).size >= pods ? true : undefined)
  await waitFor(`${pods} pods in Prometheus`, hasPods, 420_000)
  expect(await expectEqual('start')).toBeGreaterThan(20 * pods)
})

it('keeps them equal through churn', async () => {
  await churnFor(churnMs, 1)
  await expectEqual('churn')
})

it('ends series of deleted objects within 3 s', async () => {
  const path = `/apis/apps/v1/namespaces/${namespaceOf(size, 0)}/deployments`
  const delays: number[] = []
  for (let i = 0; i < 5; i++) {
    const name = `brief-${i}`
    const count = () => query(`count({job="kube-state-metrics",deployment="${name}"})`)
    await client.create(path, deploymentObject(name, 0, 0))
    await waitFor(`series of ${name}`, async () => ((await count()).size > 0 ? true : undefined))
    await client.delete(`${path}/${name}`)
    const deleted = Date.now()
    await waitFor(`no series of ${name}`, async () => ((await count()).size === 0 ? true : undefined))
    delays.push(Date.now() - deleted)
  }
  delays.sort((a, b) => a - b)
  console.log(`end of series: median ${delays[2]} ms, largest ${delays[4]} ms`)
  expect(delays[2]).toBeLessThan(3000)
})

it('recovers after Prometheus was killed and started again', async () => {
  await prometheus.stop('SIGKILL')
  await churnFor(outageMs, 2)
  await startReceiver()
  await expectEqual('Prometheus killed')
  const from = product.peer.log()
  expect(from).toContain('OTLP push failing; retrying')
  expect(from).toContain('OTLP push works again')
})

it('recovers after the API server was killed', async () => {
  await cluster.killApiServer()
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  await cluster.startApiServer()
  await churnFor(10_000, 3)
  await expectEqual('API server killed')
})

it('had no sample and no object rejected', async () => {
  expect(await refusedSamples(prometheusUrl())).toBe(0)
  expect(product.peer.log()).not.toContain('rejected')
})
