/** Takes part in the election of a leader: reads and watches the Lease, renews it while it leads, releases it in the end. */

import type { LogGate } from '../../telemetry/log.ts'
import type { Clock } from '../../time/clock.ts'
import { ApiRefusal } from '../api-client.ts'
import type { Election, ElectionRules, Occurrence, Role, Step } from './election.ts'
import { advance, beginElection, nextStep } from './election.ts'
import type { Fence } from './fence.ts'
import { createFence } from './fence.ts'
import type { Claim, Lease } from './lease.ts'
import { claimLease, releaseLease } from './lease.ts'
import type { LeaseClient, LeaseName } from './lease-client.ts'
import { isRefused } from './lease-client.ts'
import { createLeaseWatch } from './lease-watch.ts'

export interface LeaderElectorOptions {
  readonly lease: LeaseClient
  readonly name: LeaseName
  /** Who we are: the UID of our pod, so that a restarted container is the same one. */
  readonly identity: string
  /** How long other replicas wait for a renewal. */
  readonly durationMs: number
  /** Without a renewal for so long we do not write; less than the duration. */
  readonly renewDeadlineMs: number
  readonly retryMs: number
  /** Annotations for the next leader, for each renewal and, `isLast`, for the release. */
  readonly publish: (isLast: boolean) => Readonly<Record<string, string>>
  /** `former` is the Lease as we found it, or as it was before somebody deleted it, when we begin to lead. */
  readonly onRole: (role: Role, former: Lease | undefined) => void
  /** A Lease was read or has changed that another replica holds, or has released while this one was a standby. */
  readonly onPublished?: (lease: Lease) => void
  /** Its wall clock is for the Lease alone: nothing is judged by it. */
  readonly clock: Clock
  readonly gate: LogGate
  readonly fence?: Fence
}

export interface LeaderElector {
  readonly role: () => Role
  /** The Lease as last seen, with what its holder has published; undefined when there is none. */
  readonly lease: () => Lease | undefined
  /** Whether a write may begin now: asked before each one. */
  readonly mayWrite: () => boolean
  start(): void
  /** Releases the Lease if we hold it or may hold it. From then on nothing may be written. Never rejects. */
  stop(): Promise<void>
}

/** Without rights on Leases they are looked at again after so long. */
const deniedRetryMs = 60_000
/** For the answer to a write in flight, when it stops. */
const answerMs = 1000
/** For that and the release, after which the process ends. */
const stopMs = 2000

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { identity, retryMs, clock, onRole } = options
  const rules: ElectionRules = { identity, retryMs, denialMs: options.renewDeadlineMs, deniedRetryMs }
  const fence = options.fence ?? createFence(options.renewDeadlineMs)
  const stopping = new AbortController()
  /** A write in flight outlives the stop for a while: what the server grants after it was given up would not be released. */
  const abandoning = new AbortController()
  const sleeper = createSleeper(clock)
  let election: Election<Lease> = beginElection()
  /** A Lease that is deleted still says what its holder published. */
  let lastSeen: Lease | undefined
  /** A write was sent and not answered: the server may have accepted it. */
  let isClaiming = false
  let cancelDeadline = (): void => {}
  let finished: Promise<unknown> = Promise.resolve()

  function happen(occurrence: Occurrence<Lease>, former?: Lease): void {
    const { role: before } = election
    election = advance(election, occurrence, rules)
    lastSeen = election.lease ?? lastSeen
    if (election.role !== before) onRole(election.role, former)
    sleeper.wake()
  }

  /** A timer of its own, since a renewal may be in flight when the deadline passes. */
  function watchDeadline(): void {
    cancelDeadline()
    const leftMs = fence.leftMs()
    if (leftMs > 0) cancelDeadline = clock.after(leftMs, watchDeadline)
    else happen({ kind: 'late' })
  }

  function seen(lease: Lease | undefined): void {
    happen({ kind: 'seen', lease, atMs: clock.now() })
    if (lease === undefined || lease.holder === identity) return
    // This replica takes a Lease that is released at once: it has to know before what is delivered.
    if (lease.holder !== '' || election.role === 'standby') options.onPublished?.(lease)
  }

  async function read(signal: AbortSignal): Promise<void> {
    seen(await options.lease.read(signal))
  }

  async function write(signal: AbortSignal): Promise<void> {
    const startedAt = fence.now()
    const startedAtMs = clock.now()
    // The event of our own write may come before its answer.
    const { lease: before } = election
    const former = before ?? lastSeen
    isClaiming = true
    const lease = await options.lease.write(claimLease(before, claimOf(options)), signal)
    if (stopping.signal.aborted) return
    isClaiming = false
    fence.renewed(startedAt)
    happen({ kind: 'won', lease, startedAtMs, atMs: clock.now() }, former)
    watchDeadline()
  }

  /** While we lead, our own answers say more than events, which may be older. */
  function see(lease: Lease | undefined): void {
    if (election.role === 'leading' && lease?.holder === identity) return
    if (election.isRead) seen(lease)
  }

  const watch = createLeaseWatch({ lease: options.lease, onChange: see, retryMs, clock })

  /** Somebody else was faster, or the Lease is gone: neither is a fault. */
  function fail(error: unknown): void {
    const atMs = clock.now()
    if (error instanceof ApiRefusal) isClaiming = false
    if (isRefused(error, 409)) {
      happen({ kind: 'conflict', atMs })
      watch.reopen()
    } else if (isRefused(error, 404) && election.lease !== undefined) {
      happen({ kind: 'seen', lease: undefined, atMs })
    } else {
      const isDenied = isRefused(error, 403)
      happen({ kind: isDenied ? 'denied' : 'failed', atMs })
      // What a denial at the start means is not known yet.
      if (!isDenied || election.role !== 'starting') warn(options, election.role, error)
    }
  }

  async function attempt(action: Step['action']): Promise<void> {
    const deadline = createDeadline(clock, options.renewDeadlineMs / 3)
    const stop = action === 'read' ? stopping : abandoning
    const signal = AbortSignal.any([stop.signal, deadline.signal])
    try {
      await (action === 'read' ? read(signal) : write(signal))
      options.gate.recovered(problem, 'the Lease of leader election can be used')
    } catch (error) {
      if (!stopping.signal.aborted) fail(error)
      // After a conflict the Lease may be ours, by a write whose answer was lost.
      else if (error instanceof ApiRefusal && !isRefused(error, 409)) isClaiming = false
    } finally {
      deadline.cancel()
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { action, atMs } = nextStep(election, rules)
      const waitMs = atMs - clock.now()
      if (waitMs > 0) await sleeper.sleep(waitMs)
      else await attempt(action)
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    sleeper.wake()
    const endMs = clock.now() + stopMs
    const cancelWait = clock.after(answerMs, () => abandoning.abort())
    await finished
    cancelWait()
    const wasHolder = election.role === 'leading' || election.role === 'fenced'
    happen({ kind: 'stopped' })
    cancelDeadline()
    if (wasHolder || isClaiming) await release(options, endMs - clock.now())
  }

  return {
    role: () => election.role,
    lease: () => election.lease,
    mayWrite: () => election.role === 'unelected' || (election.role === 'leading' && fence.leftMs() > 0),
    start() {
      finished = Promise.all([run(), watch.run(stopping.signal)])
    },
    stop,
  }
}

function claimOf({ name, identity, durationMs, publish, clock }: LeaderElectorOptions, isLast = false): Claim {
  return { ...name, identity, durationMs, wallMs: clock.wallMs(), annotations: publish(isLast) }
}

async function release(options: LeaderElectorOptions, withinMs: number): Promise<void> {
  const deadline = createDeadline(options.clock, withinMs)
  try {
    await releaseWithin(options, deadline.signal)
  } catch (error) {
    options.gate.warn(problem, { err: error }, 'the Lease could not be released; other replicas wait until it expires')
  } finally {
    deadline.cancel()
  }
}

/** It is read first, and again after a conflict: a renewal may have been in flight when it was cut short. */
async function releaseWithin(options: LeaderElectorOptions, signal: AbortSignal): Promise<void> {
  const lease = await options.lease.read(signal)
  if (lease?.holder !== options.identity) return
  try {
    await options.lease.write(releaseLease(lease, claimOf(options, true)), signal)
  } catch (error) {
    if (!isRefused(error, 409)) throw error
    await releaseWithin(options, signal)
  }
}

const problem = 'leader-election'
const dayMs = 86_400_000

function warn({ gate, name }: LeaderElectorOptions, role: Role, error: unknown): void {
  const fields = { lease: `${name.namespace}/${name.name}`, role, err: error }
  if (role !== 'unelected') gate.warn(problem, fields, 'the Lease of leader election cannot be used; retrying')
  else gate.warn(problem, fields, withoutRights, { remindAfterMs: dayMs })
}

const withoutRights =
  'no right to use Leases: running without leader election, as the only writer. Run one replica, or grant the rights that kube-state-otlp rbac --leader-election prints'

/** Waits that can be cut short. */
function createSleeper(clock: Clock) {
  let wake = (): void => {}
  return {
    wake: () => wake(),
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        const cancel = clock.after(ms, () => wake())
        wake = () => {
          cancel()
          resolve()
        }
      }),
  }
}

function createDeadline(clock: Clock, ms: number) {
  const giveUp = new AbortController()
  const cancel = clock.after(ms, () => giveUp.abort(new Error(`no answer within ${ms / 1000} s`)))
  return { signal: giveUp.signal, cancel }
}
