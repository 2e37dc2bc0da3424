/** From ledgers and readers to the progress of deliveries that a leader publishes. */

import type { ResourceLayout } from '../rows/layout.ts'
import type { Ledger } from '../store/ledger.ts'
import type { OldestMarkers } from '../store/ledger-progress.ts'
import type { Clock } from '../time/clock.ts'
import type { DeliveryProgress, DestinationProgress } from './delivery-progress.ts'
import type { Engine } from './engine.ts'
import type { Handover } from './handover.ts'
import { planFingerprint, resourceName, scopeName } from './plan-fingerprint.ts'
import type { ReadPositions } from './read-positions.ts'
import { createReadPositions } from './read-positions.ts'
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
  readonly reading: Pick<Reading, 'revisionOf' | 'scopesOf'>
  /** Of what decides at present which series exist, for all resources alike. */
  readonly fingerprint: () => string
  /** That of the store. */
  readonly clock: Clock
}

/** `isLast`: for the release of the Lease, after which this process reads and sends nothing. */
export type HandoverSource = (push: ProgressOfPush | undefined, isLast: boolean) => Handover

interface Publishing {
  readonly sources: ProgressSources
  readonly positions: WeakMap<Ledger, ReadPositions>
  readonly isLast: boolean
}

/** A revision that is held back for longer may be compacted before it is used: that resource is left out. */
const longestLagMs = 240_000

/** What the next leader has to know; nothing before the push begins. */
export function createHandoverSource(sources: ProgressSources): HandoverSource {
  const positions = new WeakMap<Ledger, ReadPositions>()
  return (push, isLast) => {
    const cluster = push?.cluster()
    const destinations = push?.destinations() ?? []
    const publishing = { sources, positions, isLast }
    return {
      lastTimestampMs: Math.max(0, ...destinations.map(({ lastTimestampMs }) => lastTimestampMs())),
      progress: cluster === undefined ? undefined : progressOf(publishing, cluster, destinations),
    }
  }
}

function progressOf(publishing: Publishing, cluster: string, destinations: readonly Destination[]): DeliveryProgress {
  const { engine, fingerprint, clock } = publishing.sources
  // What is not synced is not sent, and says nothing about what was delivered.
  const synced = engine.store.registry.layouts.filter(({ id }) => engine.store.isSynced(id))
  return {
    ...{ cluster, fingerprint: fingerprint(), publishedAtMs: Math.floor(clock.wallMs()) },
    resources: new Map(
      engine.store.registry.layouts.map(({ plan }) => [resourceName(plan), planFingerprint(plan)] as const),
    ),
    destinations: new Map(
      destinations.map((destination) => [destination.name, stateOf(publishing, synced, destination)]),
    ),
  }
}

function stateOf(
  publishing: Publishing,
  synced: readonly ResourceLayout[],
  destination: Destination,
): DestinationProgress {
  const { sources, isLast } = publishing
  const { ledger, lastTimestampMs } = destination
  const { reading, clock } = sources
  const oldest = ledger.oldestMarkers()
  const acknowledged = (layout: ResourceLayout, namespace?: string) =>
    acknowledgedRevision(reading.revisionOf(layout.id, namespace), oldest.get(layout.id), clock.now())
  const revisions = known(synced.map((layout) => [resourceName(layout.plan), acknowledged(layout)]))
  const state = { lastTimestampMs: lastTimestampMs(), revisions }
  const changes = pendingChanges(publishing, synced, ledger)
  if (changes !== undefined) return { ...state, ...changes, scopes: new Map() }
  const scopes = (isLast ? synced : []).flatMap((layout) =>
    namespacesOf(reading, layout.id).map(
      (namespace) => [scopeName(layout.plan, namespace), acknowledged(layout, namespace)] as const,
    ),
  )
  return { ...state, oldestChangeMs: 0, changes: revisions, scopes: known(scopes) }
}

const known = (revisions: readonly (readonly [string, number])[]) =>
  new Map(revisions.filter(([, revision]) => revision > 0))

/** What of the changes is acknowledged all the same; undefined when none is pending. */
function pendingChanges(
  { sources: { reading, clock }, positions }: Publishing,
  synced: readonly ResourceLayout[],
  ledger: Ledger,
): Pick<DestinationProgress, 'oldestChangeMs' | 'changes'> | undefined {
  const read = positions.get(ledger) ?? createReadPositions()
  positions.set(ledger, read)
  // What was read for another plan says nothing.
  const keyOf = ({ plan }: ResourceLayout) => `${resourceName(plan)} ${planFingerprint(plan)}`
  const now = clock.now()
  read.add({ atMs: now, revisions: new Map(synced.map((layout) => [keyOf(layout), reading.revisionOf(layout.id)])) })
  const oldest = ledger.oldestChange()
  read.forgetBefore(oldest ?? now)
  if (oldest === undefined) return undefined
  const revisions = read.before(oldest)
  const changes = known(synced.map((layout) => [resourceName(layout.plan), revisions.get(keyOf(layout)) ?? 0]))
  return { oldestChangeMs: Math.max(1, Math.ceil(now - oldest)), changes }
}

/** Of several that are read; none otherwise. */
function namespacesOf(reading: ProgressSources['reading'], resource: number): readonly string[] {
  const scopes = reading.scopesOf(resource)
  return scopes.length < 2 ? [] : scopes.flatMap(({ namespace }) => namespace ?? [])
}

/** 0 when it is not known, or not worth to be published. */
function acknowledgedRevision(revision: number, oldest: OldestMarkers | undefined, now: number): number {
  if (oldest === undefined) return revision
  return now - oldest.since > longestLagMs ? 0 : Math.min(revision, oldest.revision)
}
