/** From ledgers and readers to the progress of deliveries that a leader publishes. */

import type { Ledger } from '../store/ledger.ts'
import type { OldestMarkers } from '../store/ledger-progress.ts'
import type { Clock } from '../time/clock.ts'
import type { DeliveryProgress, DestinationProgress } from './delivery-progress.ts'
import type { Engine } from './engine.ts'
import type { Handover } from './handover.ts'
import { planFingerprint, resourceName } from './plan-fingerprint.ts'
import type { Reading } from './reading.ts'

/** Where series are pushed to. */
export interface Destination {
  /** The same in every process of the installation, and another one for each destination. */
  readonly name: string
  readonly ledger: Ledger
  /** Unix milliseconds of the last request; 0 before the first. */
  readonly lastTimestampMs: () => number
}

/** The push, once it has begun. */
export interface ProgressOfPush {
  /** The identity of the cluster in OTLP; undefined before it is known. */
  cluster(): string | undefined
  /** Empty before the push begins. */
  destinations(): readonly Destination[]
}

export interface ProgressSources {
  readonly engine: Pick<Engine, 'store'>
  readonly reading: Pick<Reading, 'revisionOf'>
  /** Of what decides at present which series exist, for all resources alike. */
  readonly fingerprint: () => string
  /** That of the store. */
  readonly clock: Clock
}

/** A revision that is held back for longer may be compacted before it is used: that resource is left out. */
const longestLagMs = 240_000

/** What the next leader has to know; nothing before the push begins. */
export function currentHandover(sources: ProgressSources, push: ProgressOfPush | undefined): Handover {
  const cluster = push?.cluster()
  const destinations = push?.destinations() ?? []
  return {
    lastTimestampMs: Math.max(0, ...destinations.map(({ lastTimestampMs }) => lastTimestampMs())),
    progress: cluster === undefined ? undefined : progressOf(sources, cluster, destinations),
  }
}

function progressOf(sources: ProgressSources, cluster: string, destinations: readonly Destination[]): DeliveryProgress {
  const { engine, fingerprint, clock } = sources
  const { layouts } = engine.store.registry
  return {
    ...{ cluster, fingerprint: fingerprint(), publishedAtMs: Math.floor(clock.wallMs()) },
    resources: new Map(layouts.map(({ plan }) => [resourceName(plan), planFingerprint(plan)])),
    destinations: new Map(destinations.map((destination) => [destination.name, stateOf(sources, destination)])),
  }
}

function stateOf(
  { engine, reading, clock }: ProgressSources,
  { ledger, lastTimestampMs }: Destination,
): DestinationProgress {
  const now = clock.now()
  const oldest = ledger.oldestMarkers()
  const revisions = new Map<string, number>()
  for (const { id, plan } of engine.store.registry.layouts) {
    // What is not synced is not sent, and says nothing about what was delivered.
    if (!engine.store.isSynced(id)) continue
    const revision = acknowledgedRevision(reading.revisionOf(id), oldest.get(id), now)
    if (revision > 0) revisions.set(resourceName(plan), revision)
  }
  const oldestChangeMs = Math.ceil(now - (ledger.oldestChange() ?? now))
  return { lastTimestampMs: lastTimestampMs(), oldestChangeMs, revisions }
}

/** 0 when it is not known, or not worth to be published. */
function acknowledgedRevision(revision: number, oldest: OldestMarkers | undefined, now: number): number {
  if (oldest === undefined) return revision
  return now - oldest.since > longestLagMs ? 0 : Math.min(revision, oldest.revision)
}
