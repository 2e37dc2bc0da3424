/** The shard of this process: from the configuration, or from the StatefulSet of its pod, which is followed. */

import type { Config, SelectionConfig } from '../config/config.ts'
import { leaseOfShard } from '../config/shard-names.ts'
import { createLeaseClient } from '../kubernetes/coordination/lease-client.ts'
import type { ShardSplit } from '../selection/shard-split.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import { settledOrAborted } from '../time/clock.ts'
import type { Engine } from './engine.ts'
import type { Leadership } from './leadership.ts'
import { ownNamespace } from './leadership.ts'
import type { Reading } from './reading.ts'
import { createResharding } from './resharding.ts'
import { keepRunning } from './resource-readers.ts'
import type { ShardHandover } from './shard-handover.ts'
import { createShardHandover, withoutHandover } from './shard-handover.ts'
import type { Sharding } from './sharding.ts'
import type { ShardOfPod } from './stateful-set-watch.ts'
import { createStatefulSetWatch } from './stateful-set-watch.ts'

export interface ShardsOptions {
  readonly config: Config
  readonly sharding: Sharding
  readonly engine: Engine
  readonly reading: Reading
  readonly log: Log
  readonly metrics: SelfMetrics
  readonly clock: Clock
  readonly leadership: Pick<Leadership, 'role' | 'leaseNow' | 'namespace'>
  readonly drained: () => Promise<void>
  /** Timestamps of requests have to exceed this from now on, in Unix milliseconds. */
  readonly raiseTimestamps: (ms: number) => void
}

export interface Shards {
  readonly handover: ShardHandover
  /** Resolves when the shard is known, or the signal aborts. */
  known(signal: AbortSignal): Promise<void>
  /** What keeps the program from reading, a line each. */
  waits(): readonly string[]
  /** Applies the shard of a changed configuration, unless it is that of a pod. */
  select(selection: SelectionConfig): void
  /** Follows the StatefulSet, if there is one, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const repeatAfterMs = 60_000

export function createShards(options: ShardsOptions): Shards {
  const { config, sharding, metrics } = options
  const { pod } = config.selection
  const handover = handoverOf(options)
  const { promise: isKnown, resolve } = Promise.withResolvers<void>()
  const reshard = createResharding({ ...options, handover })
  const change = (split: ShardSplit) => {
    reshard(split)
    resolve()
  }
  if (pod === undefined) change(splitOf(config.selection))
  metrics.observeGauge(
    'kube_state_otlp_shard_handover',
    '1 while this shard waits for others to apply the same number of shards, else 0.',
    () => [{ value: Number(handover.lines().length > 0) }],
  )
  return {
    handover,
    known: (signal) => settledOrAborted(isKnown, signal),
    waits: () =>
      sharding.split === undefined && pod !== undefined
        ? [`shards: waiting for the StatefulSet ${namespaceOf(pod)}/${pod.statefulSet}`]
        : [],
    select(selection) {
      if (pod === undefined) change(splitOf(selection))
    },
    async run(signal) {
      if (pod !== undefined) await follow(options, { ...pod, namespace: namespaceOf(pod) }, change, signal)
    },
  }
}

type Pod = NonNullable<SelectionConfig['pod']>

const namespaceOf = ({ namespace }: Pod): string => namespace ?? ownNamespace()

function splitOf({ shard, totalShards, shardMethod: method }: SelectionConfig): ShardSplit {
  return { shard, totalShards, method }
}

function follow(
  { config, reading }: ShardsOptions,
  pod: Pod & { readonly namespace: string },
  change: (split: ShardSplit) => void,
  signal: AbortSignal,
): Promise<void> {
  const { context } = reading
  const method = config.selection.shardMethod
  const onShard = (shard: ShardOfPod) => change({ ...shard, method })
  const watch = createStatefulSetWatch({ pod, context, reflector: config.kubernetes, onShard })
  return keepRunning(watch, context, 'statefulsets', signal)
}

/** Shards of which each has a leader coordinate by the Leases of the leaders. */
function handoverOf({
  config,
  sharding,
  engine,
  reading,
  log,
  clock,
  leadership,
  drained,
  raiseTimestamps,
}: ShardsOptions): ShardHandover {
  const { enabled, shardLeasePrefix: prefix, durationMs, renewDeadlineMs } = config.leaderElection
  if (!enabled || prefix === undefined) return withoutHandover
  const ordinal = config.selection.pod?.ordinal ?? config.selection.shard
  return createShardHandover({
    ...{ sharding, ordinal, durationMs, renewDeadlineMs, clock, drained },
    leaseOf(of) {
      const name = { namespace: leadership.namespace ?? ownNamespace(), name: leaseOfShard(prefix, of) }
      return createLeaseClient(reading.client, name, durationMs)
    },
    role: leadership.role,
    lease: leadership.leaseNow,
    onRelease(floorMs) {
      raiseTimestamps(floorMs)
      engine.release()
    },
    gate: createLogGate(log, repeatAfterMs),
  })
}
