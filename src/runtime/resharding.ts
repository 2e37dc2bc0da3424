/** Applies the shard, and its changes while the program runs, to what is read, stored and sent. */

import { isDeepStrictEqual } from 'node:util'
import type { ShardSplit } from '../selection/shard-split.ts'
import { mayGain, nameOfSplit } from '../selection/shard-split.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Engine } from './engine.ts'
import type { Reading } from './reading.ts'
import type { ShardHandover } from './shard-handover.ts'
import type { Sharding } from './sharding.ts'

export interface ReshardingOptions {
  readonly sharding: Sharding
  readonly engine: Pick<Engine, 'handOver'>
  readonly reading: Pick<Reading, 'shardsChanged'>
  readonly handover: Pick<ShardHandover, 'isCoordinated' | 'changed'>
  readonly log: Pick<Log, 'info'>
  readonly metrics: Pick<SelfMetrics, 'sharding'>
}

/**
 * Creates the function that applies a split. Objects that are lost leave without stale markers; those that are gained are
 * read again, and sent once their former shards have stopped.
 */
export function createResharding(options: ReshardingOptions): (next: ShardSplit) => void {
  const { sharding, engine, reading, handover, log, metrics } = options
  return (next) => {
    const before = sharding.split
    if (isDeepStrictEqual(before, next)) return
    sharding.change(next, handover.isCoordinated())
    metrics.sharding({ ordinal: next.shard, total: Math.max(1, next.totalShards) })
    const { shard, totalShards } = next
    if (before === undefined) {
      if (totalShards > 1) log.info({ shard, totalShards }, 'this process has one shard of the objects')
      reading.shardsChanged()
      return handover.changed(Promise.resolve())
    }
    log.info({ shard, totalShards, before: nameOfSplit(before) }, 'the shards have changed; handing objects over')
    const handedOver = engine.handOver(sharding.owns)
    if (mayGain(before, next)) reading.shardsChanged()
    handover.changed(handedOver)
  }
}
