/** The Collector hangs, is unreachable, or accepts only requests of 4 MiB while ours are larger. */

import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'
import type { Replica } from './replica.ts'

const flags = ['--metric-annotations-allowlist=configmaps=[*]', '--otlp-max-request-bytes=16000000']
let stack: FaultStack
let product: Replica

beforeAll(async () => {
  stack = await startFaultStack({ facts: inject('cluster'), name: 'collector', selection: flags.slice(0, 1) })
  product = await stack.start('product', flags.slice(1))
  await stack.compare('at the start', [product])
})
afterEach(async () => {
  stack.receivers.signalCollector('SIGCONT')
  await product.toCollector.set('open')
})
afterAll(() => stack?.stop())

const finish = async (scenario: string, notes = '') => {
  const compared = await stack.compare(scenario, [product])
  recordFault({ scenario, ...compared, notes })
  expect(compared.refused).toBe(0)
}

test('the Collector hangs for 20 s: requests time out, and what is pending arrives afterwards', async () => {
  stack.receivers.signalCollector('SIGSTOP')
  const changes = await stack.churnFor(20_000, 21)
  stack.receivers.signalCollector('SIGCONT')
  await finish('Collector hangs for 20 s (SIGSTOP, SIGCONT)', `${changes} changes meanwhile`)
})

test('connections to the Collector are refused for 20 s', async () => {
  await product.toCollector.set('refused')
  const changes = await stack.churnFor(20_000, 22)
  await product.toCollector.set('open')
  await finish('Collector refuses connections for 20 s', `${changes} changes meanwhile`)
})

test('responses of the Collector are cut at random bytes', async () => {
  await product.toCollector.set({ cutAfter: () => Math.floor(Math.random() * 400) })
  const changes = await stack.churnFor(20_000, 23)
  await product.toCollector.set('open')
  await finish('connections to the Collector cut at random bytes for 20 s', `${changes} changes meanwhile`)
})

test('a first push of more than 4 MiB, which the Collector refuses, is sent again in smaller requests', async () => {
  const annotation = 'x'.repeat(90_000)
  await product.close()
  for (let i = 0; i < 70; i++) {
    const metadata = { name: `large-${i}`, annotations: { text: `${i}${annotation}` } }
    await stack.client.create(`/api/v1/namespaces/${stack.namespaces[0]}/configmaps`, { metadata })
  }
  product = await stack.start('large', flags.slice(1))
  await finish('requests above the 4 MiB limit of the Collector', '70 series of 90 kB each')
  expect(await product.selfMetric('kube_state_otlp_push_requests_total', 'outcome="too_large"')).toBeGreaterThan(0)
})
