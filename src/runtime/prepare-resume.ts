/** Reads at the start what the last leader has published, decides whether to resume, and notes in the Lease that it does. */

import { ApiRefusal } from '../kubernetes/api-client.ts'
import type { Lease } from '../kubernetes/coordination/lease.ts'
import { annotateLease } from '../kubernetes/coordination/lease.ts'
import type { LeaseClient } from '../kubernetes/coordination/lease-client.ts'
import { isRefused } from '../kubernetes/coordination/lease-client.ts'
import { reasonOf } from '../telemetry/failure-reason.ts'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/clock.ts'
import { resumedAt } from './handover.ts'
import type { ResumeConditions, ResumeDecision } from './resume-decision.ts'
import { decideResume } from './resume-decision.ts'

export interface PrepareResumeOptions {
  readonly lease: LeaseClient
  /** The identity of the cluster in OTLP; rejects when it cannot be read. */
  readonly readCluster: (signal: AbortSignal) => Promise<string>
  /** See ResumeConditions. */
  readonly fingerprint: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The decision, and the identity of the cluster if it was read. */
export type PreparedResume = ResumeDecision & { readonly cluster?: string }

/** While the API server is away nothing can be listed, so that nothing is lost by waiting; but not forever. */
const patienceMs = 30_000
const retryMs = 1000
const attemptMs = 5000
const maxWrites = 3

/** Never rejects. */
export async function prepareResume(options: PrepareResumeOptions): Promise<PreparedResume> {
  const { clock, signal } = options
  const untilMs = clock.now() + patienceMs
  for (;;) {
    try {
      return await attempt(options)
    } catch (error) {
      if (signal.aborted || isLasting(error) || clock.now() + retryMs > untilMs)
        return { kind: 'ordinary', reason: `the Lease cannot be used: ${reasonOf(error)}` }
      await delay(clock, retryMs, signal)
    }
  }
}

async function attempt(options: PrepareResumeOptions): Promise<PreparedResume> {
  const { lease: client, readCluster, signal } = options
  const within = () => AbortSignal.any([signal, AbortSignal.timeout(attemptMs)])
  const [first, cluster] = await Promise.all([client.read(within()), readCluster(within())])
  let lease = first
  for (let writes = 1; ; writes++) {
    const decision = decide(options, lease, cluster)
    if (decision.kind === 'ordinary' || lease === undefined) return { ...decision, cluster }
    try {
      await client.write(annotateLease(lease, { [resumedAt]: String(options.clock.wallMs()) }), within())
      return { ...decision, cluster }
    } catch (error) {
      // Somebody has renewed it in between; what it says now is newer.
      if (!isRefused(error, 409) || writes === maxWrites) throw error
      lease = await client.read(within())
    }
  }
}

function decide({ fingerprint, clock }: PrepareResumeOptions, lease: Lease | undefined, cluster: string) {
  const conditions: ResumeConditions = { lease, cluster, fingerprint, wallMs: clock.wallMs() }
  return decideResume(conditions)
}

/** A refusal that does not pass in seconds. */
function isLasting(error: unknown): boolean {
  return error instanceof ApiRefusal && error.code < 500 && error.code !== 429
}
