/**
 * What a standby need not send: stale markers and changes that the leader has delivered, by the revisions that the leader
 * publishes and the times at which this process came to them.
 */

import type { Clock } from '../time/clock.ts'
import type { DeliveryProgress, DestinationProgress } from './delivery-progress.ts'
import type { Engine } from './engine.ts'
import { planFingerprint, resourceName } from './plan-fingerprint.ts'
import type { Destination } from './progress-publishing.ts'
import type { Reading } from './reading.ts'

export interface StandbyProgressOptions {
  readonly engine: Pick<Engine, 'store'>
  readonly reading: Pick<Reading, 'newestRevisionOf'>
  /** Of what decides which series exist, for all resources alike. */
  readonly fingerprint: () => string
  /** That of the store. */
  readonly clock: Clock
}

export interface StandbyProgress {
  /** Another replica leads, and has published this. */
  leaderPublished(progress: DeliveryProgress, destinations: readonly Destination[]): void
}

/** Where this process was at a time: nothing after these revisions had arrived. */
interface Position {
  readonly atMs: number
  /** By resource. */
  readonly revisions: ReadonlyMap<number, number>
}

/** Older changes are of no interest: no stale marker is kept for longer. */
const longestMs = 300_000
/** A change may arrive here earlier than at the leader, which may not have sent it when it published. */
const marginMs = 5000

export function createStandbyProgress(options: StandbyProgressOptions): StandbyProgress {
  const { engine, reading, fingerprint, clock } = options
  const { registry } = engine.store
  /** Oldest first. */
  let positions: readonly Position[] = []

  function settle(
    { ledger }: Destination,
    published: DestinationProgress,
    samePlans: ReadonlyMap<string, string>,
  ): void {
    const now = clock.now()
    for (const { id, plan } of registry.layouts) {
      const name = resourceName(plan)
      const revision = published.revisions.get(name)
      if (revision === undefined || samePlans.get(name) !== planFingerprint(plan)) continue
      const markersUntil = reachedAt(positions, id, revision)
      if (markersUntil === undefined) continue
      const changesUntil = Math.min(markersUntil, now - published.oldestChangeMs) - marginMs
      ledger.deliveredElsewhere(id, { markersUntil, changesUntil }, now)
    }
  }
  return {
    leaderPublished(progress, destinations) {
      const now = clock.now()
      const revisions = new Map(registry.layouts.map(({ id }) => [id, reading.newestRevisionOf(id)]))
      positions = [...positions.filter(({ atMs }) => now - atMs <= longestMs), { atMs: now, revisions }]
      if (progress.fingerprint !== fingerprint()) return
      for (const destination of destinations) {
        const published = progress.destinations.get(destination.name)
        if (published !== undefined) settle(destination, published, progress.resources)
      }
    },
  }
}

/** When this process was last known not to be beyond a revision of a resource. */
function reachedAt(positions: readonly Position[], resource: number, revision: number): number | undefined {
  return positions.findLast(({ revisions }) => (revisions.get(resource) ?? Number.POSITIVE_INFINITY) <= revision)?.atMs
}
