/**
 * Two processes of the product with leader election at the real API server, and one receiver: the leader is killed, and
 * frozen and thawed. Ended series have stale markers, live series are there, and no sample is out of order.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createKubeClient } from './kube-client.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'

const facts = inject('cluster')
const admin = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'failover-'))
const namespace = 'failover'
const services = `/api/v1/namespaces/${namespace}/services`
const durationMs = 15_000

beforeAll(async () => {
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace } })
})
afterAll(async () => {
  await admin.delete(`/api/v1/namespaces/${namespace}`)
  admin.close()
  rmSync(folder, { recursive: true })
})

const addService = (name: string) =>
  admin.create(services, { metadata: { name }, spec: { type: 'ExternalName', externalName: 'example.org' } })

async function startReplica(name: string, lease: string, receiver: OtlpReceiver) {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const flags = [
    `--kubeconfig=${facts.kubeconfig}`,
    '--resources=services',
    `--namespaces=${namespace}`,
    '--leader-election',
    `--leader-election-identity=${name}`,
    `--leader-election-lease-name=${lease}`,
    `--leader-election-namespace=${namespace}`,
    `--otlp-endpoint=http://${receiver.grpcAddress}`,
    '--telemetry-otlp=false',
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
  ]
  const peer = startPeer(`${lease}-${name}`, [process.execPath, 'src/main.ts', ...flags], folder)
  onTestFinished(() => peer.stop('SIGKILL'))
  const readyUrl = `http://127.0.0.1:${telemetryPort}/readyz`
  await waitForUrl(readyUrl)
  const untilLine = (line: string) =>
    vi.waitFor(async () => expect(await (await fetch(readyUrl)).text()).toContain(line), {
      timeout: 60_000,
      interval: 20,
    })
  return { peer, untilLine }
}

/** The services that the receiver has a live series of. */
const liveServices = (receiver: OtlpReceiver) =>
  [...receiver.liveSet.live().keys()]
    .flatMap((series) => /^kube_service_created\{.*service="([^"]+)"/.exec(series)?.[1] ?? [])
    .sort()

const untilLive = (receiver: OtlpReceiver, ...expected: string[]) =>
  vi.waitFor(() => expect(liveServices(receiver)).toEqual(expected.sort()), { timeout: 60_000, interval: 20 })

function expectInOrder({ liveSet }: OtlpReceiver): void {
  expect([...liveSet.problems]).toEqual([])
  expect(liveSet.counters.outOfOrder + liveSet.counters.conflicting).toBe(0)
}

async function startBoth(lease: string) {
  const receiver = await createOtlpReceiver({})
  onTestFinished(() => receiver.close())
  const names = Array.from({ length: 20 }, (_, i) => `${lease}-${String(i).padStart(2, '0')}`)
  for (const name of names) await addService(name)
  onTestFinished(async () => {
    for (const name of [...names, `${lease}-new`]) await admin.delete(`${services}/${name}`)
  })
  const a = await startReplica('pod-a', lease, receiver)
  await a.untilLine('leader election: leading')
  await untilLive(receiver, ...names)
  const b = await startReplica('pod-b', lease, receiver)
  await b.untilLine('leader election: standby; pod-a holds the Lease')
  const endSome = async () => {
    for (const name of names.slice(0, 10)) await admin.delete(`${services}/${name}`)
    await addService(`${lease}-new`)
    return [...names.slice(10), `${lease}-new`]
  }
  return { receiver, a, b, endSome }
}

test('the leader is killed: the standby pushes within the lease duration and two seconds, what ended meanwhile included', async () => {
  const { receiver, a, b, endSome } = await startBoth('kill')
  await a.peer.stop('SIGKILL')
  const killedAtMs = performance.now()
  const rest = await endSome()
  await b.untilLine('leader election: leading')
  await untilLive(receiver, ...rest)
  const gapMs = performance.now() - killedAtMs
  console.log(`after kill -9 everything was right again within ${Math.round(gapMs)} ms`)
  expect(gapMs).toBeLessThan(durationMs + 2000 + 1000)
  expectInOrder(receiver)
})

test('the leader ends in order: the standby pushes within a second or so', async () => {
  const { receiver, a, b, endSome } = await startBoth('stop')
  const stoppedAtMs = performance.now()
  await a.peer.stop('SIGTERM')
  const exitedAtMs = performance.now()
  await b.untilLine('leader election: leading')
  console.log(
    `the process ended after ${Math.round(exitedAtMs - stoppedAtMs)} ms, the next led ${Math.round(performance.now() - exitedAtMs)} ms later`,
  )
  await untilLive(receiver, ...(await endSome()))
  expectInOrder(receiver)
})

test('the leader is frozen for 40 s and resumes: it pushes nothing, and becomes a standby', async () => {
  const { receiver, a, b, endSome } = await startBoth('freeze')
  process.kill(a.peer.pid, 'SIGSTOP')
  const frozenAtMs = performance.now()
  const rest = await endSome()
  await b.untilLine('leader election: leading')
  await untilLive(receiver, ...rest)
  await sleep(Math.max(0, 40_000 - (performance.now() - frozenAtMs)))
  process.kill(a.peer.pid, 'SIGCONT')
  await a.untilLine('leader election: standby; pod-b holds the Lease')
  await sleep(3000)
  await untilLive(receiver, ...rest)
  expectInOrder(receiver)
  expect(a.peer.log()).toMatch(/not renewed in time|standby: another replica/)
})
