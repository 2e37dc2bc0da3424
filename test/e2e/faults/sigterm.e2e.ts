/** SIGTERM in every phase: the process exits in time with code 0, and the Lease is free. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'
import type { Replica, ReplicaOptions } from './replica.ts'

/** Kubernetes gives 30 s by default; the last push has 5 s, and each other step of a stop 2 or 3. */
const graceMs = 15_000
const facts = inject('cluster')
let stack: FaultStack

beforeAll(async () => {
  stack = await startFaultStack({ facts, name: 'sigterm' })
})
afterAll(() => stack?.stop())

/** Stopped with the test, so that it does not keep the Lease. */
async function start(name: string, untilReady: boolean, prepare: ReplicaOptions['prepare'] = () => undefined) {
  const lease = `--leader-election-namespace=${stack.namespaces[0]}`
  const flags = ['--leader-election', lease, `--leader-election-identity=${name}`]
  const replica = await stack.start(name, flags, { untilReady, prepare })
  onTestFinished(() => replica.close())
  return replica
}

async function holder(): Promise<string> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${stack.namespaces[0]}/leases/kube-state-otlp`
  const { body } = await stack.client.get(path)
  return (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? ''
}

async function expectClean(phase: string, replica: Replica): Promise<void> {
  const sentAtMs = performance.now()
  process.kill(replica.peer.pid, 'SIGTERM')
  const late = sleep(60_000, 'still running' as const, { ref: false })
  expect(await Promise.race([replica.peer.exited, late]), replica.peer.log()).toBe(0)
  const tookMs = performance.now() - sentAtMs
  expect(tookMs).toBeLessThan(graceMs)
  expect(await holder()).toBe('')
  recordFault({ scenario: `SIGTERM ${phase}`, notes: `exit code 0 after ${(tookMs / 1000).toFixed(1)} s, Lease free` })
}

test('during discovery, while the API server is silent', async () => {
  const replica = await start('discovery', false, ({ toApi }) => toApi.set('silent'))
  await replica.untilLine('connecting')
  await sleep(2000)
  expect(await replica.readyz()).not.toMatch(/^ready/)
  await expectClean('during discovery', replica)
})

test('during the initial list, while the API server is slow', async () => {
  const replica = await start('list', false, ({ toApi }) => toApi.set({ bytesPerChunk: 100 }))
  await replica.untilLine('listing')
  expect(await replica.readyz()).not.toMatch(/^ready/)
  await replica.toApi.set({ bytesPerChunk: 2000 })
  await expectClean('during the initial list', replica)
})

test('during the first push, while the Collector is silent', async () => {
  const replica = await start('first-push', true, ({ toCollector }) => toCollector.set('silent'))
  await replica.untilLine('leader election: leading')
  await sleep(2000)
  await expectClean('during the first push', replica)
})

test('in a steady state', async () => {
  const replica = await start('steady', true)
  await replica.untilLine('leader election: leading')
  await stack.compare('steady', [replica])
  await expectClean('in a steady state', replica)
})

test('while requests are retried, since the Collector refuses connections', async () => {
  const replica = await start('retry', true, ({ toCollector }) => toCollector.set('refused'))
  await replica.untilLine('leader election: leading')
  const configMaps = `/api/v1/namespaces/${stack.namespaces[0]}/configmaps`
  await stack.client.create(configMaps, { metadata: { name: 'pending' } })
  await sleep(5000)
  await expectClean('while requests are retried', replica)
})

test('and the one that comes after all of them converges', async () => {
  const replica = await start('last', true)
  const compared = await stack.compare('after all', [replica])
  recordFault({ scenario: 'started after each SIGTERM', ...compared })
  expect(compared.refused).toBe(0)
})
