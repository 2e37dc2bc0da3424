/** Leader election on the real API server, with the rights that `rbac` derives and the tokens of a ServiceAccount. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createRbac } from '../../src/inspect/rbac.ts'
import { createApiClient } from '../../src/kubernetes/api-client.ts'
import type { Role } from '../../src/kubernetes/coordination/election.ts'
import { createLeaderElector } from '../../src/kubernetes/coordination/leader-elector.ts'
import { createLeaseClient } from '../../src/kubernetes/coordination/lease-client.ts'
import { createConnection } from '../../src/kubernetes/transport/connection.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createSystemClock } from '../../src/time/clock.ts'
import { createKubeClient } from './kube-client.ts'

const facts = inject('cluster')
const admin = createKubeClient(facts)
const namespace = 'leader-election'
const clock = createSystemClock((failure) => {
  throw failure
})
let token = ''

beforeAll(async () => {
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  for (const name of ['elector', 'stranger']) await admin.create(accounts, { metadata: { name } })
  token = await tokenOf('elector')
  const selection = {
    resources: [],
    metricAllowlist: [],
    metricDenylist: [],
    metricOptInList: [],
    labelsAllowList: new Map(),
    annotationsAllowList: new Map(),
    namespaces: [],
    namespacesDenylist: [],
    node: undefined,
    trackUnscheduledPods: false,
  }
  const leases = { namespace, names: ['release', 'kill', 'restart', 'denied'] }
  const account = { name: 'elector', namespace }
  for (const role of createRbac({ selection, name: 'elector', account, readsClusterId: false, leases })) {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${role.kind.toLowerCase()}s`
    expect((await admin.create(path, role)).status).toBe(201)
  }
})
afterAll(() => admin.close())

async function tokenOf(account: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const { body } = await admin.create(path, { spec: { expirationSeconds: 3600 } })
  return (body as { status: { token: string } }).status.token
}

const durationMs = 4000

function join(lease: string, identity: string, bearer = token) {
  const access = {
    server: new URL(facts.apiUrl),
    source: 'a test',
    generation: 0,
    credentials: async () => ({ tls: { ca: facts.ca }, headers: { authorization: `Bearer ${bearer}` } }),
    renew() {},
    renewIfChanged() {},
  }
  let isKilled = false
  const connection = createConnection({ access, clock })
  const send: typeof connection.send = (...request) =>
    isKilled ? Promise.reject(new Error('killed')) : connection.send(...request)
  const client = createApiClient({ ...connection, send }, 'e2e')
  const name = { namespace, name: lease }
  const roles: { role: Role; atMs: number; annotations: unknown }[] = []
  const records: string[] = []
  const log = createLog({ level: 'warn', format: 'json', destination: { write: (line) => void records.push(line) } })
  const elector = createLeaderElector({
    lease: createLeaseClient(client, name, durationMs),
    ...{ name, identity, durationMs, renewDeadlineMs: 3000, retryMs: 500, clock },
    publish: () => ({ 'kube-state-otlp/test': identity }),
    onRole: (role, former) => void roles.push({ role, atMs: performance.now(), annotations: former?.annotations }),
    gate: createLogGate(log, 60_000),
  })
  onTestFinished(async () => {
    await elector.stop()
    client.close()
  })
  elector.start()
  const untilRole = (role: Role) =>
    vi.waitFor(() => expect(elector.role()).toBe(role), { timeout: 60_000, interval: 5 })
  /** As `kill -9`: nothing of it reaches the server any more. */
  const kill = () => {
    isKilled = true
    client.close()
  }
  return { ...elector, roles, records, untilRole, kill }
}

const leaseAt = async (name: string) => {
  const { body } = await admin.get(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`)
  return body as { metadata: { annotations: object }; spec: { holderIdentity?: string; leaseTransitions: number } }
}

test('a standby that watches takes over within a second of the release', async () => {
  const a = join('release', 'pod-a')
  await a.untilRole('leading')
  const b = join('release', 'pod-b')
  await b.untilRole('standby')
  await sleep(3 * durationMs)
  expect([a.role(), b.role()]).toEqual(['leading', 'standby'])
  const stoppedAtMs = performance.now()
  await a.stop()
  await b.untilRole('leading')
  const [{ atMs, annotations } = { atMs: 0, annotations: undefined }] = b.roles.slice(-1)
  expect(atMs - stoppedAtMs).toBeLessThan(1000)
  expect(annotations).toEqual({ 'kube-state-otlp/test': 'pod-a' })
  expect(await leaseAt('release')).toMatchObject({
    metadata: { annotations: { 'kube-state-otlp/test': 'pod-b' } },
    spec: { holderIdentity: 'pod-b', leaseTransitions: 1, leaseDurationSeconds: 4 },
  })
})

test('after a kill one of two standbys takes over within the lease duration and two seconds', async () => {
  const a = join('kill', 'pod-a')
  await a.untilRole('leading')
  const standbys = [join('kill', 'pod-b'), join('kill', 'pod-c')]
  for (const standby of standbys) await standby.untilRole('standby')
  const killedAtMs = performance.now()
  a.kill()
  await vi.waitFor(() => expect(standbys.map(({ role }) => role()).sort()).toEqual(['leading', 'standby']), {
    timeout: 60_000,
    interval: 5,
  })
  const leader = standbys.find(({ role }) => role() === 'leading')
  expect((leader?.roles.at(-1)?.atMs ?? 0) - killedAtMs).toBeLessThan(durationMs + 2000)
  expect(a.mayWrite()).toBe(false)
})

test('a restarted container takes its own Lease back at once', async () => {
  const before = join('restart', 'pod-a')
  await before.untilRole('leading')
  before.kill()
  const startedAtMs = performance.now()
  const after = join('restart', 'pod-a')
  await after.untilRole('leading')
  expect((after.roles.at(-1)?.atMs ?? 0) - startedAtMs).toBeLessThan(2000)
  expect((await leaseAt('restart')).spec.leaseTransitions).toBe(0)
})

test('without rights it is the only writer, with one warning', async () => {
  const a = join('denied', 'pod-a', await tokenOf('stranger'))
  await a.untilRole('unelected')
  expect(a.mayWrite()).toBe(true)
  expect(a.records).toHaveLength(1)
  expect(a.records[0]).toMatch(/rbac --leader-election/)
})
