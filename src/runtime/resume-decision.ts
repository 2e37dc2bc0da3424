/** Decides whether a process may continue where another one stopped, by what that one has published. No I/O. */

import type { KubernetesConfig, SelectionConfig } from '../config/config.ts'
import type { Lease } from '../kubernetes/coordination/lease.ts'
import type { DeliveryProgress } from './delivery-progress.ts'
import { lastResumedMs, progressIn } from './handover.ts'

export interface ResumeConditions {
  /** As read at the start; undefined when there is none. */
  readonly lease: Lease | undefined
  /** The identity of the cluster in OTLP. */
  readonly cluster: string
  /** Of what decides which series exist, for all resources alike. */
  readonly fingerprint: string
  /** Unix milliseconds. */
  readonly wallMs: number
}

export type ResumeDecision =
  | { readonly kind: 'resume'; readonly progress: DeliveryProgress }
  /** The initial lists are of the present; the reason is for the log. */
  | { readonly kind: 'ordinary'; readonly reason: string }

const minuteMs = 60_000
/** API servers compact the past every 5 minutes by default, so that it is kept for 5 to 10. */
const maxAgeMs = 10 * minuteMs
/** A process that fails because it resumes must not do so again and again. */
const pauseMs = 5 * minuteMs

/** Why this configuration never resumes; undefined if it may. */
export function reasonAgainstResume(
  { node, trackUnscheduledPods }: Pick<SelectionConfig, 'node' | 'trackUnscheduledPods'>,
  { useCache, objectLimit }: Pick<KubernetesConfig, 'useCache' | 'objectLimit'>,
): string | undefined {
  if (node !== undefined || trackUnscheduledPods) return 'this instance reads the pods of a node'
  if (useCache) return 'lists come from the cache of the API server (use_api_server_cache)'
  return objectLimit > 0 ? 'lists are limited (object_limit)' : undefined
}

export function decideResume({ lease, cluster, fingerprint, wallMs }: ResumeConditions): ResumeDecision {
  const ordinary = (reason: string): ResumeDecision => ({ kind: 'ordinary', reason })
  if (lease === undefined) return ordinary('there is no Lease yet')
  const progress = progressIn(lease)
  if (progress === undefined) return ordinary('the Lease does not say what was delivered')
  if (progress.cluster !== cluster) return ordinary('the Lease is of another cluster')
  if (progress.fingerprint !== fingerprint) return ordinary('the shard, the limits or the constant labels have changed')
  const ageMs = wallMs - progress.publishedAtMs
  if (ageMs > maxAgeMs) return ordinary(`the last renewal of the Lease is ${Math.round(ageMs / minuteMs)} minutes old`)
  // The clock of the node where that was may be ahead.
  const sinceMs = Math.abs(wallMs - (lastResumedMs(lease) ?? Number.NEGATIVE_INFINITY))
  if (sinceMs < pauseMs) return ordinary('another start was resumed less than 5 minutes ago')
  return { kind: 'resume', progress }
}
