/**
 * Continues where another process stopped: finds out at the start whether that is possible, gives each reader the revision
 * to list first, and lets the ledgers count what is listed there as sent.
 */

import type { ResumeOutcome } from '../kubernetes/reflector/resume.ts'
import type { ResourceLayout } from '../rows/layout.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import type { DeliveryProgress } from './delivery-progress.ts'
import type { Engine } from './engine.ts'
import { planFingerprint, resourceName } from './plan-fingerprint.ts'
import type { Destination } from './progress-publishing.ts'

/** What readers need. */
export interface ResumePoints {
  /** The revision that the first list of the resource is to be read at; undefined for the present. */
  revisionFor(layout: Pick<ResourceLayout, 'id' | 'plan'>): string | undefined
  /** What became of it, once for each reader that was given a revision. */
  ended(layout: Pick<ResourceLayout, 'plan'>, outcome: ResumeOutcome, reason: string): void
}

export interface ResumptionOptions {
  readonly engine: Pick<Engine, 'store'>
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  readonly metrics: Pick<SelfMetrics, 'observeGauge'>
  /** Destinations that other processes may have sent the same series to. */
  readonly shared: () => readonly Destination[]
}

export interface Resumption extends ResumePoints {
  /** Revisions are given out from now on, for the destinations that have published any. */
  begin(progress: DeliveryProgress, destinations: readonly Destination[]): void
}

/** Kinds that are discovered later are listed in the present: what is compacted cannot be listed. */
const beginsWithinMs = 60_000

/** Gives no revisions before it begins. */
export function createResumption({ engine, clock, log, metrics, shared }: ResumptionOptions): Resumption {
  const outcomes: Record<ResumeOutcome, number> = { replayed: 0, listed: 0, refused: 0 }
  const presentLists = new Map<string, string>()
  let points: { progress: DeliveryProgress; destinations: readonly Destination[]; untilMs: number } | undefined
  let running = 0

  metrics.observeGauge(
    'kube_state_otlp_resumed_reads',
    'Number of lists that continued where another process stopped, by outcome: replayed (all changes since), listed (as it was; some changes since are unknown), refused (not available any more).',
    () => Object.entries(outcomes).map(([outcome, value]) => ({ value, attributes: { outcome } })),
  )
  function report(): void {
    const { replayed, listed, refused } = outcomes
    const fields = { replayed, listed, refused, presentLists: Object.fromEntries(presentLists) }
    if (presentLists.size === 0) log.info(fields, 'resumed: what has ended meanwhile gets stale markers')
    else log.info(fields, 'resumed in part: series of some resources that ended meanwhile may stay for 5 minutes')
  }
  /** By destination; none after a while, or with other families. */
  function publishedRevisions(plan: ResourcePlan): number[] {
    if (points === undefined || clock.now() > points.untilMs) return []
    const { progress, destinations } = points
    const name = resourceName(plan)
    if (progress.resources.get(name) !== planFingerprint(plan)) return []
    return destinations.flatMap((destination) => progress.destinations.get(destination.name)?.revisions.get(name) ?? [])
  }
  return {
    begin(progress, destinations) {
      points = { progress, destinations, untilMs: clock.now() + beginsWithinMs }
    },
    revisionFor({ id, plan }) {
      if (engine.store.isSynced(id)) return undefined
      // Another process may have sent all that a first list has.
      for (const { ledger } of shared()) ledger.resume(id)
      const revisions = publishedRevisions(plan)
      if (revisions.length === 0) return undefined
      running++
      return String(Math.min(...revisions))
    },
    ended({ plan }, outcome, reason) {
      outcomes[outcome]++
      if (outcome !== 'replayed') presentLists.set(resourceName(plan), reason)
      running--
      if (running === 0) report()
    },
  }
}
