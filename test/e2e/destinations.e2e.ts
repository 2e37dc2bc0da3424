/**
 * Two destinations on a real control plane: a Collector, and a receiver that stops answering for five minutes. The delay of
 * changes at the Collector and the memory of the product stay as they were; afterwards the other receiver has everything.
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { churn, deploymentObject, populate } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'
import type { Receivers } from './receivers.ts'
import { fetchText, startReceivers } from './receivers.ts'
import { parsePage } from './series.ts'
import type { StartedProduct } from './stack.ts'
import { startProduct } from './stack.ts'

const size = { namespaces: 3, deploymentsPerNamespace: 8, replicas: Number(process.env.E2E_REPLICAS ?? 12), nodes: 10 }
const calmMs = Number(process.env.E2E_CALM_SECONDS ?? 90) * 1000
const hangMs = Number(process.env.E2E_HANG_SECONDS ?? 300) * 1000

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-destinations-'))
let receivers: Receivers
let second: OtlpReceiver
let product: StartedProduct

const probePath = '/apis/apps/v1/namespaces/churn-0/deployments'
const probeSeries = /^kube_deployment_metadata_generation\{.*"probe"/

/** Changes an object, and tries again while the API server is too busy; returns its generation. */
function changeProbe(): Promise<number> {
  return waitFor('a change of the probe', async () => {
    const spec = { minReadySeconds: 1 + (Date.now() % 500) }
    const { status, body } = await client.patch(`${probePath}/probe`, { spec })
    return status === 200 ? (body as { metadata: { generation: number } }).metadata.generation : undefined
  })
}

/** Changes one object after the other, beside churn; returns how long each takes to the Collector's page, in ms, sorted. */
async function measureDelays(ms: number, seed: number): Promise<number[]> {
  const stop = AbortSignal.timeout(ms)
  const churning = churn(client, size, seed, 300, stop)
  const delays: number[] = []
  while (!stop.aborted) {
    const generation = await changeProbe()
    const changedAt = performance.now()
    await waitFor(`generation ${generation}`, async () => {
      const series = await receivers.collectorSeries()
      return [...series].some(([name, value]) => probeSeries.test(name) && value >= generation) ? true : undefined
    })
    delays.push(performance.now() - changedAt)
  }
  await churning
  return delays.sort((a, b) => a - b)
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.ceil(q * sorted.length) - 1] as number
const describeDelays = (delays: readonly number[]) =>
  `${delays.length} changes, p50 ${Math.round(quantile(delays, 0.5))} ms, p99 ${Math.round(quantile(delays, 0.99))} ms`

async function residentMiB(): Promise<number> {
  const page = await fetchText(product.telemetryUrl)
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(page)?.[1]) / 2 ** 20
}

beforeAll(async () => {
  await populate(client, size)
  await client.create(probePath, deploymentObject('probe', 0, 0))
  receivers = await startReceivers(facts, folder)
  second = await createOtlpReceiver()
  const ofSecond = `{name: second, endpoint: "http://${second.httpAddress}", protocol: http/protobuf, compression: zstd}`
  const flags = [
    '--resources=pods,deployments,namespaces,nodes',
    `--otlp-endpoint=http://127.0.0.1:${receivers.otlpPort}`,
    `--destinations=[${ofSecond}]`,
  ]
  product = await startProduct({ facts, folder, flags })
})

afterAll(async () => {
  await product?.peer.stop()
  await second?.close()
  await receivers?.stop()
  client.close()
})

it('a destination that hangs delays no change of the other, and memory stays flat', async () => {
  const before = await measureDelays(calmMs, 1)
  const memoryBefore = await residentMiB()
  second.setFaults(() => ({ response: { kind: 'silence' } }))
  const during = await measureDelays(hangMs, 2)
  const memoryAfter = await residentMiB()
  console.log(`before: ${describeDelays(before)}; ${memoryBefore.toFixed(0)} MiB`)
  console.log(`while the other hangs: ${describeDelays(during)}; ${memoryAfter.toFixed(0)} MiB`)
  const page = await fetchText(product.telemetryUrl)
  expect(page).toMatch(/^kube_state_otlp_push_requests_total\{destination="second",outcome="unavailable"\} [1-9]/m)
  expect(page).not.toMatch(/^kube_state_otlp_push_requests_total\{destination="default",outcome="unavailable"\}/m)
  // The longest of a hundred changes varies by a tick of the push and one of the poll.
  expect(quantile(during, 0.5)).toBeLessThan(1.5 * quantile(before, 0.5))
  expect(quantile(during, 0.99)).toBeLessThan(quantile(before, 0.99) + 2000)
  expect(memoryAfter).toBeLessThan(1.2 * memoryBefore)
})

// Stale markers older than 5 minutes are dropped; by then no receiver looks back at their series.
it('has everything at the receiver that hung, once it answers', async () => {
  second.setFaults(undefined)
  await waitFor(
    'the same series at both',
    async () => {
      const expected = parsePage(await fetchText(product.metricsUrl))
      const live = [...second.liveSet.instantaneous(Date.now(), { job: 'kube-state-metrics' }).keys()].filter((name) =>
        /^kube_(?!state_)/.test(name),
      )
      return live.length === expected.size ? true : undefined
    },
    420_000,
  )
  expect(product.peer.log()).not.toContain('rejected these objects')
})
