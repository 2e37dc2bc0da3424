/** Reads the cluster: one connection, and the readers of the current plan. */

import type { KubernetesConfig } from '../config/config.ts'
import type { ServedKind } from '../custom-resources/served-kind.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { createApiClient } from '../kubernetes/api-client.ts'
import { createOutage } from '../kubernetes/outage.ts'
import { createPermits } from '../kubernetes/permits.ts'
import type { ReflectorContext } from '../kubernetes/reflector/target.ts'
import type { Connection } from '../kubernetes/transport/connection.ts'
import type { PlanDifference } from '../rows/registry.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import { delay, settledOrAborted } from '../time/clock.ts'
import { createTimeSlices } from '../time/time-slices.ts'
import type { Arrivals } from './arrivals.ts'
import { connectCluster } from './cluster-connection.ts'
import type { Engine } from './engine.ts'
import { createKindDiscovery } from './kind-discovery.ts'
import type { Reader } from './reader-set.ts'
import type { WatchedScope } from './readiness.ts'
import { createResourceReaders, keepRunning } from './resource-readers.ts'
import type { ResumePoints } from './resumption.ts'
import type { Sharding } from './sharding.ts'
import { observeReflectors } from './state-gauges.ts'

export interface ReadingOptions {
  readonly kubernetes: KubernetesConfig
  readonly sharding: Pick<Sharding, 'split' | 'owns'>
  readonly engine: Engine
  readonly log: Log
  readonly metrics: SelfMetrics
  readonly clock: Clock
  readonly userAgent: string
  readonly resumePoints: ResumePoints
  readonly arrivals: Pick<Arrivals, 'of'>
}

/** All lists and watches. */
export interface Reading {
  readonly client: ApiClient
  /** For reflectors beside those of the plan. */
  readonly context: ReflectorContext
  /** Where the cluster was found, for the log. */
  readonly source: string
  /** The scopes that are read at present. */
  scopes(): readonly WatchedScope[]
  /**
   * All changes of a resource, by its number in the registry, up to this revision are in the store, in all its scopes or in those of
   * a namespace; 0 when that is not known.
   */
  revisionOf(resource: number, namespace?: string): number
  /** The scopes of a resource. */
  scopesOf(resource: number): readonly WatchedScope[]
  /** Starts, stops and relists readers as the plan changed. */
  apply(difference: PlanDifference): void
  /**
   * Adds a reader that no plan stops, but the function that is returned does. `onChange` is to be called when it has listed, or
   * need not be waited for.
   */
  add(create: (context: ReflectorContext, onChange: () => void) => Reader): () => void
  /** Reads what custom resources there are in the groups; `onKinds` is called whenever that may have changed. */
  discover(groups: () => readonly string[], onKinds: (kinds: readonly ServedKind[]) => void): void
  /** Calls back again and again while it reads. */
  every(ms: number, callback: () => void): void
  /** Other objects are this shard's than before. */
  shardsChanged(): void
  /**
   * Reads until the signal aborts, the objects once `begin` resolves; never rejects. `onChange` is called when initial lists
   * are complete or rejected.
   */
  run(signal: AbortSignal, onChange: () => void, begin: Promise<void>): Promise<void>
  /** Whether the API server was seen to ignore shard selectors. */
  readonly ignoresShardSelectors: boolean
  /** Closes all connections. */
  close(): void
}

/** A fault that lasts is logged again once a minute. */
const repeatAfterMs = 60_000

/** Time between two looks for objects that have been created again. */
const lookMs = 1000

/** Each list that arrives holds buffers of its own, here and in the API server. */
const listsAtOnce = 16

/** Finds the cluster and prepares to read it. Rejects with KubernetesConfigError when there is none to be found. */
export async function createReading(options: ReadingOptions): Promise<Reading> {
  const { kubernetes, log, metrics, clock } = options
  const gate = createLogGate(log, repeatAfterMs)
  const onUnusable = ({ message }: Error) =>
    gate.warn(
      'kubernetes/config',
      { reason: message },
      'the changed kubeconfig cannot be used; the previous one remains in use',
    )
  const onServerChanged = ({ href }: URL) => {
    log.info({ server: href }, 'the kubeconfig names another API server; listing everything again')
    readers.relist('server_changed')
  }
  const { access, connection } = await connectCluster({ ...kubernetes, onUnusable }, { clock, onServerChanged })
  const client = createApiClient(connection, options.userAgent)
  const context: ReflectorContext = {
    client,
    clock,
    slices: createTimeSlices(clock),
    traits: { withoutWatchList: new Set(), streamedLists: 'unknown' },
    lists: createPermits(listsAtOnce),
    outage: createOutage({ client, clock, random: Math.random }),
    metrics,
    gate,
    random: Math.random,
  }
  let changed = () => {}
  let running: AbortSignal | undefined
  const readers = createResourceReaders({ ...options, context, onChange: () => changed() })
  const lookForRecreated = { ms: lookMs, callback: readers.lookForRecreated }
  const repeated: { readonly ms: number; readonly callback: () => void }[] = [lookForRecreated]
  const add: Reading['add'] = (create) => {
    const reader = create(context, () => changed())
    return readers.add({ ...reader, run: (signal) => keepRunning(reader, context, reader.scope.resource, signal) })
  }
  observeReflectors(metrics, readers.scopes)
  return {
    client,
    context,
    source: access.source,
    scopes: readers.scopes,
    revisionOf: readers.revisionOf,
    scopesOf: readers.scopesOf,
    get ignoresShardSelectors() {
      return readers.ignoresShardSelectors
    },
    apply: readers.apply,
    add,
    shardsChanged: readers.shardsChanged,
    discover(groups, onKinds) {
      add((_, onChange) => {
        const onKindsKnown = (kinds: readonly ServedKind[]) => {
          onKinds(kinds)
          onChange()
        }
        return createKindDiscovery({ context, reflector: kubernetes, groups, onKinds: onKindsKnown })
      })
    },
    every(ms, callback) {
      if (running === undefined) repeated.push({ ms, callback })
      else void repeat(context, ms, callback, running)
    },
    async run(signal, onChange, begin) {
      changed = onChange
      running = signal
      for (const { ms, callback } of repeated) void repeat(context, ms, callback, signal)
      await Promise.all([begin.then(() => readers.run(signal)), keepRefreshing(connection, clock, signal)])
    },
    close: () => client.close(),
  }
}

/** Never rejects: what the callback throws is logged. */
async function repeat(
  { clock, gate }: ReflectorContext,
  ms: number,
  callback: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await delay(clock, ms, signal)
    try {
      if (!signal.aborted) callback()
    } catch (failure) {
      gate.warn('reading/repeat', { err: failure }, 'a repeated step failed; please report it')
    }
  }
}

/** A changed kubeconfig takes effect within this time. */
const refreshMs = 10_000

async function keepRefreshing(connection: Connection, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(clock, refreshMs, signal)
    // A plugin that hangs holds up the next look, not the end.
    await settledOrAborted(connection.refresh(), signal)
  }
}
