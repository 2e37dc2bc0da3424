/** Self-telemetry pushed to a receiver: jobs and series, failures, certificate rotation and shutdown. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterEach, expect, test, vi } from 'vitest'
import type { OtlpReceiver, OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import { loadConfig } from '../../src/config/load.ts'
import { selfExport } from '../../src/runtime/self-export.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  vi.unstubAllEnvs()
})

const waitFor = (condition: () => void) => vi.waitFor(condition, { timeout: 20_000, interval: 20 })
const token = (request: IncomingRequest) => request.headers.authorization

async function startReceiver(options: OtlpReceiverOptions = {}) {
  const receiver = await createOtlpReceiver(options)
  closers.push(() => receiver.close())
  return receiver
}

/** Self-telemetry as the program configures it, every `intervalMs`. */
async function startTelemetry(
  receiver: Pick<OtlpReceiver, 'grpcAddress'>,
  settings: { otlp?: object; telemetry?: object } = {},
  intervalMs = 50,
) {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const log = createLog({ level: 'debug', format: 'json', destination })
  const file = JSON.stringify({
    otlp: { endpoint: `http://${receiver.grpcAddress}`, ...settings.otlp },
    telemetry: { ...settings.telemetry },
  })
  const loaded = loadConfig({ argv: ['--config=x'], env: {}, readFile: () => file })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { destinations, telemetry: telemetryConfig } = loaded.config
  const exporting = selfExport(destinations, telemetryConfig, 'pod-uid', log, Date.now)
  const telemetry = await createTelemetry({
    log,
    serviceInstanceId: 'pod-uid',
    version: '1.2.3',
    otlp: exporting && { ...exporting, intervalMs },
  })
  let running = true
  const shutdown = async (graceMs?: number) => {
    if (running) await telemetry.shutdown(graceMs)
    running = false
  }
  closers.push(() => shutdown(0))
  const { metrics } = telemetry
  metrics.sharding({ ordinal: 1, total: 2 })
  metrics.listRequest({ apiVersion: 'v1', kind: 'Pod', result: 'success' })
  metrics.watchRequest({ apiVersion: 'v1', kind: 'Pod', result: 'error' })
  metrics.destination('default').pushRequest({ outcome: 'success', points: 1, bytes: 1, seconds: 0.02 })
  return { ...telemetry, shutdown, records }
}

const stateMetrics = { job: 'kube-state-metrics', instance: 'pod-uid' }
const own = { job: 'kube-state-otlp', instance: 'pod-uid' }

test("series of kube-state-metrics' names are those its alert rules select, with up and the constant labels", async () => {
  const receiver = await startReceiver()
  const { page } = await startTelemetry(receiver, { otlp: { constant_labels: { cluster: 'prod' } } })
  await waitFor(() => expect(receiver.liveSet.live(stateMetrics).size).toBeGreaterThan(0))
  const live = receiver.liveSet.live(stateMetrics)
  expect(live.get('up{cluster="prod"}')).toBe(1)
  expect(live.get('kube_state_metrics_list_total{resource="*v1.Pod",result="success",cluster="prod"}')).toBe(1)
  expect(live.get('kube_state_metrics_list_total{resource="*v1.Pod",result="error",cluster="prod"}')).toBe(0)
  expect(live.get('kube_state_metrics_watch_total{resource="*v1.Pod",result="error",cluster="prod"}')).toBe(1)
  expect(live.get('kube_state_metrics_total_shards{cluster="prod"}')).toBe(2)
  expect(live.get('kube_state_metrics_shard_ordinal{shard_ordinal="1",cluster="prod"}')).toBe(1)
  expect([...live.keys()].filter((series) => !/^(kube_state_metrics_|up\{)/.test(series))).toEqual([])
  const others = [...receiver.liveSet.live(own).keys()]
  expect(others).toContain(
    'kube_state_otlp_push_requests_total{destination="default",outcome="success",cluster="prod"}',
  )
  expect(others.filter((series) => /^(kube_state_metrics_|up\b)/.test(series))).toEqual([])
  expect(await page()).not.toMatch(/^up\b/m)
})

test('they end with stale markers at shutdown, the series of the other self-metrics do not', async () => {
  const receiver = await startReceiver()
  const { shutdown } = await startTelemetry(receiver)
  await waitFor(() => expect(receiver.liveSet.live(stateMetrics).size).toBeGreaterThan(0))
  await shutdown()
  expect([...receiver.liveSet.live(stateMetrics).keys()]).toEqual([])
  expect(receiver.liveSet.live(own).size).toBeGreaterThan(0)
  expect(receiver.liveSet.counters).toMatchObject({ outOfOrder: 0, conflicting: 0 })
})

test('the job follows the service namespace of object state', async () => {
  const receiver = await startReceiver()
  await startTelemetry(receiver, { otlp: { service_namespace: 'integrations/kubernetes' } })
  const target = { job: 'integrations/kubernetes/kube-state-metrics', instance: 'pod-uid' }
  await waitFor(() => expect(receiver.liveSet.live(target).get('up')).toBe(1))
})

test('with the option off they stay with our own, and there is no up', async () => {
  const receiver = await startReceiver()
  await startTelemetry(receiver, { telemetry: { kube_state_metrics_job: false } })
  await waitFor(() => expect([...receiver.liveSet.live(own).keys()].join()).toContain('kube_state_metrics_watch_total'))
  expect(receiver.liveSet.targets()).toEqual([own])
  expect([...receiver.liveSet.live().keys()].filter((series) => series.startsWith('up'))).toEqual([])
})

test('a token that rotates is read again', { timeout: 40_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-token-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'token')
  writeFileSync(path, 'first')
  let accepted = 'Bearer first'
  const receiver = await startReceiver({
    faults: (request) =>
      token(request) === accepted
        ? undefined
        : { response: { kind: 'refusal', code: status.UNAUTHENTICATED, message: 'no' } },
  })
  const { records } = await startTelemetry(receiver, { otlp: { bearer_token_file: path } })
  await waitFor(() => expect(receiver.received.accepted).toBeGreaterThan(1))
  writeFileSync(path, 'second')
  accepted = 'Bearer second'
  const before = receiver.received.accepted
  await waitFor(() => expect(receiver.received.accepted).toBeGreaterThan(before))
  const failures = records.filter(({ message }) => String(message).startsWith('pushing self-telemetry failed'))
  expect(failures.length).toBeLessThanOrEqual(1)
})

test('a certificate authority that rotates is read again', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-ca-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ca.crt')
  const [before, after] = [createAuthority('before'), createAuthority('after')]
  writeFileSync(path, before.cert)
  const old = await startReceiver({ tls: before.issueLeaf('receiver') })
  const endpoint = `https://${old.grpcAddress}`
  await startTelemetry(old, { otlp: { endpoint, certificate: path } })
  await waitFor(() => expect(old.received.accepted).toBeGreaterThan(1))
  await old.close()
  const rotated = await startReceiver({
    tls: after.issueLeaf('receiver'),
    grpcPort: Number(new URL(endpoint).port),
  })
  writeFileSync(path, after.cert)
  await vi.waitFor(() => expect(rotated.received.accepted).toBeGreaterThan(1), { timeout: 50_000, interval: 50 })
})

test('the resource of the self-metrics has the version and the attributes of the environment', async () => {
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test,service.version=overridden')
  const requests: IncomingRequest[] = []
  const receiver = await startReceiver({ faults: (request) => void requests.push(request) })
  await startTelemetry(receiver)
  await waitFor(() => expect(requests.length).toBeGreaterThan(1))
  const resources = requests.slice(0, 2).map(({ decoded }) => new Map(decoded[0]?.attributes))
  expect(resources).toEqual([
    new Map([
      ['service.name', 'kube-state-otlp'],
      ['service.instance.id', 'pod-uid'],
      ['service.version', 'overridden'],
      ['deployment.environment.name', 'test'],
    ]),
    // Any other attribute would make Prometheus write a target_info beside object state.
    new Map([
      ['service.name', 'kube-state-metrics'],
      ['service.instance.id', 'pod-uid'],
    ]),
  ])
})

test('a receiver that refuses is logged once, its recovery too', async () => {
  const receiver = await startReceiver()
  receiver.setFaults(() => ({
    response: { kind: 'refusal', code: status.UNAVAILABLE, message: 'come back later' },
  }))
  const { records } = await startTelemetry(receiver)
  await waitFor(() => expect(receiver.received.refused).toBeGreaterThan(3))
  receiver.setFaults(undefined)
  await waitFor(() => expect(receiver.received.accepted).toBeGreaterThan(1))
  expect(records).toMatchObject([
    { level: 'warn', endpoint: `http://${receiver.grpcAddress}`, reason: expect.stringContaining('come back later') },
    { level: 'info', message: 'self-telemetry is delivered again' },
  ])
})

test('a receiver that never responds delays neither the page nor the shutdown', async () => {
  const receiver = await startReceiver({ faults: () => ({ response: { kind: 'silence' } }) })
  const { page, shutdown, records } = await startTelemetry(receiver)
  await waitFor(() => expect(receiver.received.requests).toBeGreaterThan(0))
  expect(await page()).toContain('process_cpu_seconds_total')
  await shutdown(20)
  expect(records).toMatchObject([{ level: 'warn' }])
})

test('nothing is pushed without an endpoint or with self-telemetry off', async () => {
  const receiver = await startReceiver()
  await startTelemetry(receiver, { telemetry: { otlp: false } })
  const { shutdown } = await startTelemetry(receiver, { otlp: { endpoint: null } })
  await shutdown()
  expect(receiver.received.requests).toBe(0)
})
