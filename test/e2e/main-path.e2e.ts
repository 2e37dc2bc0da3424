/**
 * The main path on a real control plane: /metrics, the Collector and Prometheus have the same set of series, through churn and
 * every fault. Writes docs/e2e-report.md.
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { churn, deploymentObject, populate } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { waitFor } from './peers.ts'
import { useRealCluster } from './real-cluster.ts'
import { createReport, writeReport } from './report.ts'
import type { Stack } from './stack.ts'
import { startStack } from './stack.ts'

const size = {
  namespaces: 4,
  deploymentsPerNamespace: 20,
  replicas: Number(process.env.E2E_REPLICAS ?? 36),
  nodes: 40,
}
const churnMs = Number(process.env.E2E_CHURN_SECONDS ?? 300) * 1000
const outageMs = Number(process.env.E2E_OUTAGE_SECONDS ?? 120) * 1000

const facts = inject('cluster')
const cluster = useRealCluster(facts)
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-main-path-'))
const report = createReport()
let stack: Stack

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const podCount = async () => {
  const { body } = await client.get('/api/v1/pods?limit=1')
  const { items, metadata } = body as { items: unknown[]; metadata: { remainingItemCount?: number } }
  return items.length + (metadata.remainingItemCount ?? 0)
}

/** Lines of the product's log at level warn or above, from an offset. */
const warnings = (product: Peer, from: number) =>
  product
    .log()
    .slice(from)
    .split('\n')
    .filter((line) => /"level":"?(40|50|60|warn|error|fatal)/.test(line))

async function churnFor(ms: number, seed: number) {
  const stop = AbortSignal.timeout(ms)
  return churn(client, size, seed, 400, stop)
}

beforeAll(async () => {
  await populate(client, size)
  const pods = size.namespaces * size.deploymentsPerNamespace * size.replicas
  await waitFor(`${pods} pods`, async () => ((await podCount()) >= pods ? true : undefined), 900_000)
  stack = await startStack({ facts, folder, flags: ['--resources=pods,deployments,namespaces'] })
})

afterAll(async () => {
  await stack?.stop()
  client.close()
  writeReport(report)
})

describe('the main path', () => {
  it('has the same series everywhere once it is synced', async () => {
    report.section('At the start', await stack.expectEqual('start'))
  })

  it('keeps them equal through churn', async () => {
    const pods = await podCount()
    const counts = await churnFor(churnMs, 1)
    const result = await stack.expectEqual('churn')
    report.section(`After ${churnMs / 1000} s of churn`, result, [
      `pods before: ${pods}`,
      `operations: ${Object.entries(counts)
        .map(([name, n]) => `${name} ${n}`)
        .join(', ')}`,
    ])
  })

  it('ends series of deleted objects in Prometheus within 3 s', async () => {
    const path = '/apis/apps/v1/namespaces/churn-0/deployments'
    const delays: number[] = []
    for (let i = 0; i < 10; i++) {
      const name = `brief-${i}`
      const query = `count({job="kube-state-metrics",deployment="${name}"})`
      await client.create(path, deploymentObject(name, 0, 0))
      await waitFor(`series of ${name}`, async () => ((await stack.query(query)).size > 0 ? true : undefined))
      await client.delete(`${path}/${name}`)
      const deleted = Date.now()
      await waitFor(`no series of ${name}`, async () => ((await stack.query(query)).size === 0 ? true : undefined))
      delays.push(Date.now() - deleted)
    }
    delays.sort((a, b) => a - b)
    const [median = 0, largest = 0] = [delays[5], delays[9]]
    report.section('End of the series of deleted Deployments in Prometheus', undefined, [
      `median ${(median / 1000).toFixed(2)} s, largest ${(largest / 1000).toFixed(2)} s, of ${delays.length}`,
    ])
    expect(median).toBeLessThan(3000)
  })

  it('recovers after the API server was killed', async () => {
    const from = stack.product.log().length
    await cluster.killApiServer()
    await pause(15_000)
    await cluster.startApiServer()
    await churnFor(15_000, 2)
    const result = await stack.expectEqual('API server')
    report.section('API server killed and started', result, warnings(stack.product, from).map(shorten))
    expect(repeated(warnings(stack.product, from))).toEqual([])
  })

  it('detects that an older etcd was restored', async () => {
    await cluster.snapshot()
    await stack.expectEqual('snapshot')
    await churnFor(30_000, 3)
    await stack.expectEqual('before the restore')
    const from = stack.product.log().length
    await cluster.restoreSnapshot()
    const result = await stack.expectEqual('restore')
    report.section('An older etcd restored', result, warnings(stack.product, from).map(shorten))
    expect(repeated(warnings(stack.product, from))).toEqual([])
  })

  it('recovers after two minutes without Collector', async () => {
    const from = stack.product.log().length
    await stack.killCollector()
    await churnFor(outageMs, 4)
    await stack.startCollector()
    const result = await stack.expectEqual('Collector')
    report.section(`Collector killed for ${outageMs / 1000} s`, result, warnings(stack.product, from).map(shorten))
    expect(repeated(warnings(stack.product, from))).toEqual([])
  })

  it('had no sample rejected', async () => {
    const refused = await stack.refusedSamples()
    report.section('Samples that Prometheus rejected', undefined, [`${refused}`])
    expect(refused).toBe(0)
  })
})

const messageOf = (line: string) => (JSON.parse(line) as { message: string; resource?: string }).message
const shorten = (line: string) => {
  const { level, message, resource } = JSON.parse(line) as { level: unknown; message: string; resource?: string }
  return `log: ${level} ${resource ?? ''} ${message}`
}
/** Messages that were logged more than once for the same resource. */
function repeated(lines: readonly string[]): string[] {
  const logged = lines.map((line) => `${(JSON.parse(line) as { resource?: string }).resource ?? ''} ${messageOf(line)}`)
  return logged.filter((text, i) => logged.indexOf(text) < i)
}
