/** The decision at the start whether to resume, for the running program. */

import type { Config } from '../config/config.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import type { LeaseClient } from '../kubernetes/coordination/lease-client.ts'
import type { Log } from '../telemetry/log.ts'
import type { Clock } from '../time/clock.ts'
import { readClusterUid } from './cluster-identity.ts'
import type { PreparedResume } from './prepare-resume.ts'
import { prepareResume } from './prepare-resume.ts'
import { reasonAgainstResume } from './resume-decision.ts'

export interface ResumeStartOptions {
  readonly config: Pick<Config, 'selection' | 'kubernetes' | 'otlp'>
  readonly lease: LeaseClient
  readonly client: ApiClient
  /** Of what decides which series exist, for all resources alike. */
  readonly fingerprint: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Never rejects; why it does not resume is logged. */
export async function decideAtStart(options: ResumeStartOptions): Promise<PreparedResume> {
  const { config, log, signal } = options
  const never = reasonAgainstResume(config.selection, config.kubernetes)
  const readCluster = (until: AbortSignal) => clusterOf(options, until)
  const prepared: PreparedResume =
    never === undefined ? await prepareResume({ ...options, readCluster }) : { kind: 'ordinary', reason: never }
  if (signal.aborted) return prepared
  if (prepared.kind === 'ordinary') {
    log.info({ reason: prepared.reason }, `not resuming, all lists are of the present: ${prepared.reason}`)
  } else {
    const ageMs = options.clock.wallMs() - prepared.progress.publishedAtMs
    log.info({ ageMs }, 'resuming where the Lease says that another process stopped')
  }
  return prepared
}

async function clusterOf({ config, client }: ResumeStartOptions, signal: AbortSignal): Promise<string> {
  const { instanceId } = config.otlp
  const read = (path: string, until: AbortSignal) => client.sendJson({ path, signal: until })
  const cluster = instanceId ?? (await readClusterUid({ read, signal }))
  if (cluster === undefined) throw new Error('the namespace kube-system has no UID')
  return cluster
}
