/**
 * Shard selectors at a real API server without the feature gate: it ignores the parameter and sends everything to each shard.
 * Each shard keeps its own range, logs it once, and all of them together have exactly the series of a fresh list.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { compareWithFreshList } from './faults/comparison.ts'
import { recordFault } from './faults/fault-report.ts'
import type { KubeClient } from './kube-client.ts'
import { createKubeClient } from './kube-client.ts'
import { startReceivers } from './receivers.ts'
import { startShardProcess, unionOf } from './shard-processes.ts'

const facts = inject('cluster')
const folder = mkdtempSync(join(tmpdir(), 'shard-selectors-'))
const namespace = 'unselected'
const path = `/api/v1/namespaces/${namespace}/configmaps`
const names = Array.from({ length: 400 }, (_, i) => `c${i}`)
let server: ApiServer
let client: KubeClient

beforeAll(async () => {
  server = await startApiServer({ flags: ['--feature-gates=ShardedListAndWatch=false'] })
  client = createKubeClient(server.access)
  await client.create('/api/v1/namespaces', { metadata: { name: namespace } })
  await add(names)
})
afterAll(async () => {
  client?.close()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function add(added: readonly string[]): Promise<void> {
  for (const name of added) {
    const { status } = await client.create(path, { metadata: { name }, data: { text: 'x'.repeat(1000) } })
    expect(status).toBe(201)
  }
}

test('two shards keep their ranges of what a server sends that ignores shard selectors', async () => {
  const receivers = await startReceivers(facts, join(folder, 'receivers'))
  onTestFinished(() => receivers.stop())
  const options = { kubeconfig: server.kubeconfig, folder, resources: 'configmaps', namespace }
  const whole = await startShardProcess('whole', options, [])
  const shards = await Promise.all(
    [0, 1].map((shard) =>
      startShardProcess(`shard-${shard}`, options, [
        ...[`--shard=${shard}`, '--total-shards=2', '--kubernetes-shard-selectors'],
        ...[`--otlp-endpoint=http://127.0.0.1:${receivers.otlpPort}`, '--push-interval=10s', '--telemetry-otlp=false'],
      ]),
    ),
  )
  const both = {
    name: 'both shards',
    series: () => unionOf(shards),
    log: () => shards.map(({ peer }) => peer.log()).join('\n'),
  }
  const selection = ['--resources=configmaps', `--namespaces=${namespace}`]
  const comparison = { client, namespaces: [namespace], folder, selection, receivers }
  await compareWithFreshList(comparison, 'at the start', [both], 120_000)

  for (const name of names.slice(0, 100)) await client.delete(`${path}/${name}`)
  for (const name of names.slice(100, 200)) await client.patch(`${path}/${name}`, { metadata: { labels: { a: 'b' } } })
  await add(['new-1', 'new-2', 'new-3', ...names.slice(0, 20)])
  const compared = await compareWithFreshList(comparison, 'after changes', [both], 120_000)
  const [all = 0, ...parts] = await Promise.all([whole, ...shards].map((shard) => shard.bytesRead()))
  recordFault({
    scenario: 'shard selectors ignored by the API server',
    ...compared,
    notes: `bytes read by one instance ${all}, by each of two shards ${parts.join(' and ')}`,
  })
  expect(compared.refused).toBe(0)
  for (const bytes of parts) expect(bytes / all).toBeGreaterThan(0.9)
  for (const { page, peer } of shards) {
    expect((await page()).size / compared.series).toBeGreaterThan(0.3)
    expect(peer.log().match(/the API server ignores shard selectors/g)).toHaveLength(1)
  }
})
