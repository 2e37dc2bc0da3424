/** Whether this replica pushes: by a Lease when leader election is on, always otherwise. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { LeaderElectionConfig } from '../config/config.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import type { Role } from '../kubernetes/coordination/election.ts'
import type { LeaderElector } from '../kubernetes/coordination/leader-elector.ts'
import { createLeaderElector } from '../kubernetes/coordination/leader-elector.ts'
import type { Lease } from '../kubernetes/coordination/lease.ts'
import type { LeaseClient } from '../kubernetes/coordination/lease-client.ts'
import { createLeaseClient } from '../kubernetes/coordination/lease-client.ts'
import type { LedgerMode } from '../store/ledger.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import type { DeliveryProgress } from './delivery-progress.ts'
import type { Handover } from './handover.ts'
import { handoverOf, progressIn, timestampFloor } from './handover.ts'

export interface LeadershipOptions {
  readonly leaderElection: LeaderElectionConfig
  readonly client: ApiClient
  readonly clock: Clock
  readonly log: Log
  readonly metrics: SelfMetrics
  /** What the next leader has to know; `isLast` for the release of the Lease. */
  readonly handover: (isLast: boolean) => Handover
  /** Another replica leads, or did until it released the Lease, and has published this. */
  readonly onLeader: (progress: DeliveryProgress) => void
  /** Annotations for the Lease beside those. */
  readonly annotations: () => Readonly<Record<string, string>>
  /** The mode may have changed. When this replica begins to lead, its timestamps have to exceed `floorMs`. */
  readonly onMode: (floorMs: number) => void
}

export interface Leadership {
  /** False: this replica is the only one. */
  readonly isElected: boolean
  /** Where the Lease is; undefined when this replica is the only one. */
  readonly lease: LeaseClient | undefined
  readonly role: () => Role
  /** The Lease as last seen; undefined when there is none. */
  readonly leaseNow: () => Lease | undefined
  /** Of the Leases; undefined without leader election. */
  readonly namespace: string | undefined
  /** What the ledgers are to do. */
  mode(): LedgerMode
  /** Whether a push request may begin now: asked before each one. */
  mayPush(): boolean
  /** Who leads, a line for /readyz; none without leader election. */
  lines(): readonly string[]
  start(): void
  /** Releases the Lease, after the last push. Never rejects. */
  stop(): Promise<void>
}

const alone: Leadership = {
  isElected: false,
  lease: undefined,
  role: () => 'unelected',
  leaseNow: () => undefined,
  namespace: undefined,
  mode: () => 'leading',
  mayPush: () => true,
  lines: () => [],
  start() {},
  stop: async () => undefined,
}

/** Who is fenced cannot know whether another replica pushes: that is what a standby prepares for. */
const modes: Readonly<Record<Role, LedgerMode>> = {
  starting: 'standby',
  standby: 'standby',
  leading: 'leading',
  fenced: 'standby',
  unelected: 'leading',
  stopped: 'standby',
}

const repeatAfterMs = 60_000

export function createLeadership(options: LeadershipOptions): Leadership {
  const { leaderElection, client, clock, log, metrics } = options
  if (!leaderElection.enabled) return alone
  const { leaseName, durationMs, renewDeadlineMs, retryMs } = leaderElection
  const identity = leaderElection.identity ?? randomUUID()
  const name = { namespace: leaderElection.namespace ?? ownNamespace(), name: leaseName }
  const lease = createLeaseClient(client, name, durationMs)
  const elector: LeaderElector = createLeaderElector({
    lease,
    ...{ name, identity, durationMs, renewDeadlineMs, retryMs, clock },
    gate: createLogGate(log, repeatAfterMs),
    publish: (isLast) => ({ ...handoverOf(options.handover(isLast)), ...options.annotations() }),
    onPublished(lease) {
      const progress = progressIn(lease)
      if (progress !== undefined) options.onLeader(progress)
    },
    onRole(role, former) {
      logRole(log, role, { lease: `${name.namespace}/${name.name}`, identity, holder: elector.lease()?.holder })
      options.onMode(former === undefined ? 0 : timestampFloor(former, renewDeadlineMs, clock.wallMs()))
    },
  })
  metrics.observeGauge(
    'kube_state_otlp_leader',
    '1 while this replica pushes, else 0; the holder is the identity of the replica that holds the Lease.',
    () => [{ value: Number(elector.mayWrite()), attributes: { holder: elector.lease()?.holder ?? '' } }],
  )
  return {
    isElected: true,
    lease,
    role: elector.role,
    leaseNow: elector.lease,
    namespace: name.namespace,
    mode: () => modes[elector.role()],
    mayPush: elector.mayWrite,
    lines: () => [describe(elector)],
    start: elector.start,
    stop: elector.stop,
  }
}

/** That of the service account. */
export function ownNamespace(): string {
  try {
    return readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').trim()
  } catch {
    return 'default'
  }
}

function logRole(log: Log, role: Role, { identity, ...lease }: Record<string, unknown>): void {
  if (role === 'leading') log.info({ ...lease, identity }, 'leading: this replica pushes')
  if (role === 'standby') log.info(lease, 'standby: another replica holds the Lease and pushes')
  if (role === 'fenced') log.warn(lease, 'the Lease was not renewed in time: nothing is pushed until it is')
}

/** Nothing here keeps a replica from being ready: standbys serve /metrics. */
function describe({ role, lease }: Pick<LeaderElector, 'role' | 'lease'>): string {
  const holder = lease()?.holder || 'nobody'
  switch (role()) {
    case 'leading':
      return 'leader election: leading'
    case 'fenced':
      return 'leader election: the Lease was not renewed in time; not pushing'
    case 'unelected':
      return 'leader election: no right to use Leases; pushing as the only replica'
    case 'stopped':
      return 'leader election: stopped'
    default:
      return `leader election: standby; ${holder} holds the Lease`
  }
}
