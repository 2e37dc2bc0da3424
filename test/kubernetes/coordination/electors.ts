/**
 * Electors with a simulated API server: real requests and watches, over HTTP/1.1 and HTTP/2; the test advances their
 * clocks.
 */
import { expect, onTestFinished, vi } from 'vitest'
import type { ApiServer, ApiServerOptions } from '../../../simulator/api/api-server.ts'
import { createApiClient } from '../../../src/kubernetes/api-client.ts'
import type { Role } from '../../../src/kubernetes/coordination/election.ts'
import { createFence } from '../../../src/kubernetes/coordination/fence.ts'
import { createLeaderElector } from '../../../src/kubernetes/coordination/leader-elector.ts'
import type { Lease } from '../../../src/kubernetes/coordination/lease.ts'
import { createLeaseClient } from '../../../src/kubernetes/coordination/lease-client.ts'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createLog, createLogGate } from '../../../src/telemetry/log.ts'
import { serve } from '../../simulator/api/served.ts'
import { createAuthority } from '../../simulator/otlp/certificates.ts'
import { createFakeClock } from '../../time/fake-clock.ts'

export const name = { namespace: 'default', name: 'kube-state-otlp' }
export const authority = createAuthority('api server authority')
export const tls = authority.issueLeaf('api server')
export const waitFor = (condition: () => void) => vi.waitFor(condition, { timeout: 20_000, interval: 5 })

/** What takes part in the election under a name, on a clock of its own. */
export function join(server: ApiServer, identity: string) {
  const clock = createFakeClock()
  let isDead = false
  const access = {
    server: new URL(server.url),
    source: 'a test',
    credentials: async () => {
      if (isDead) throw new Error('this process is dead')
      const headers = { authorization: `Bearer ${identity}` }
      return { tls: server.url.startsWith('https') ? { ca: authority.cert } : {}, headers }
    },
    generation: 0,
    renew() {},
    renewIfChanged: () => false,
  }
  const client = createApiClient(createConnection({ access, clock }), 'test')
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const roles: (Role | [Role, Lease['annotations'] | undefined])[] = []
  let published: Record<string, string> = {}
  /** What others have published, with our role at that time. */
  const heard: [Role, Lease['holder'], Lease['annotations']][] = []
  const elector = createLeaderElector({
    lease: createLeaseClient(client, name, 15_000),
    name,
    identity,
    durationMs: 15_000,
    renewDeadlineMs: 10_000,
    retryMs: 2000,
    publish: (isLast) => (isLast ? { ...published, 'example/is-last': 'true' } : published),
    onPublished: ({ holder, annotations }) => void heard.push([elector.role(), holder, annotations]),
    onRole: (role, former) => void roles.push(role === 'leading' ? [role, former?.annotations] : role),
    clock,
    gate: createLogGate(createLog({ level: 'info', format: 'json', destination }), 60_000, clock.now),
    fence: createFence(10_000, () => ({ monotonicMs: clock.now(), bootMs: clock.now() })),
  })
  const crash = () => {
    isDead = true
    client.close()
  }
  onTestFinished(async () => {
    await elector.stop()
    client.close()
  })
  elector.start()
  return {
    ...elector,
    clock,
    roles,
    heard,
    records,
    crash,
    publish: (annotations: Record<string, string>) => (published = annotations),
  }
}

export type Elector = ReturnType<typeof join>

export const leaseOf = (server: ApiServer) => server.objects.get('leases', name)
export const specOf = (server: ApiServer) => leaseOf(server)?.spec as Record<string, unknown> | undefined
export const untilRole = ({ role }: Elector, expected: Role) => waitFor(() => expect(role()).toBe(expected))

/** Lets the leader renew, and waits until that has reached the server. */
export async function renew(server: ApiServer, leader: Elector): Promise<void> {
  const before = leaseOf(server)?.metadata.resourceVersion
  await waitFor(() => {
    leader.clock.advance(1)
    leader.clock.advance(1999)
    expect(leaseOf(server)?.metadata.resourceVersion).not.toBe(before)
  })
}

/** Waits until a replica knows the Lease as it is now. */
export const untilKnown = (server: ApiServer, { lease }: Elector) =>
  waitFor(() => expect(lease()?.version).toBe(leaseOf(server)?.metadata.resourceVersion))

const tokens = Object.fromEntries(['pod-a', 'pod-b', 'pod-c', 'pod-d'].map((identity) => [identity, identity]))
export const start = (options: Partial<ApiServerOptions> = {}) => serve({ tokens, ...options })
