/**
 * What a standby need not send: stale markers and changes that the leader has delivered, by the revisions that the leader
 * publishes and the times at which they arrived in this process.
 */

import type { Clock } from '../time/clock.ts'
import type { Arrivals } from './arrivals.ts'
import type { DeliveryProgress, DestinationProgress } from './delivery-progress.ts'
import type { Engine } from './engine.ts'
import { planFingerprint, resourceName, scopeName } from './plan-fingerprint.ts'
import type { Destination } from './progress-publishing.ts'

export interface StandbyProgressOptions {
  readonly engine: Pick<Engine, 'store'>
  readonly arrivals: Pick<Arrivals, 'until' | 'forget' | 'namespacesOf'>
  /** Of what decides which series exist, for all resources alike. */
  readonly fingerprint: () => string
  /** That of the store. */
  readonly clock: Clock
}

export interface StandbyProgress {
  /** Another replica leads, or did until it released the Lease, and has published this. */
  leaderPublished(progress: DeliveryProgress, destinations: readonly Destination[]): void
}

type Layout = Engine['store']['registry']['layouts'][number]

export function createStandbyProgress(options: StandbyProgressOptions): StandbyProgress {
  const { engine, arrivals, fingerprint, clock } = options

  function settle({ id, plan }: Layout, { ledger }: Destination, published: DestinationProgress): void {
    const { revisions, changes, scopes } = published
    const name = resourceName(plan)
    const now = clock.now()
    const until = (revision: number | undefined, namespace?: string) =>
      revision === undefined ? Number.NEGATIVE_INFINITY : arrivals.until(id, revision, namespace)
    const [markersUntil, changesUntil] = [until(revisions.get(name)), until(changes.get(name))]
    ledger.deliveredElsewhere(id, { markersUntil, changesUntil }, now)
    for (const namespace of scopes.size === 0 ? [] : arrivals.namespacesOf(id)) {
      const everythingUntil = until(scopes.get(scopeName(plan, namespace)), namespace)
      const delivered = { namespace, markersUntil: everythingUntil, changesUntil: everythingUntil }
      ledger.deliveredElsewhere(id, delivered, now)
    }
  }
  return {
    leaderPublished(progress, destinations) {
      if (progress.fingerprint !== fingerprint()) return
      for (const layout of engine.store.registry.layouts) {
        const name = resourceName(layout.plan)
        if (progress.resources.get(name) !== planFingerprint(layout.plan)) continue
        let forgetUntil = Number.POSITIVE_INFINITY
        for (const destination of destinations) {
          const published = progress.destinations.get(destination.name)
          if (published === undefined) continue
          settle(layout, destination, published)
          forgetUntil = Math.min(forgetUntil, published.revisions.get(name) ?? 0, published.changes.get(name) ?? 0)
        }
        if (forgetUntil !== Number.POSITIVE_INFINITY) arrivals.forget(layout.id, forgetUntil)
      }
    },
  }
}
