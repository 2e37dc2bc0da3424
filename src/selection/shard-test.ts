/** Which objects belong to this shard. Used for objects from an API server and from files. */

import type { KubernetesObject } from '../families/family.ts'
import { shardOf } from './shard-hash.ts'

/** A predicate on one object; without sharding it accepts all. */
export function createShardTest({
  shard,
  totalShards,
}: {
  readonly shard: number
  readonly totalShards: number
}): (object: KubernetesObject) => boolean {
  if (totalShards <= 1) return () => true
  return ({ metadata }) => shardOf(metadata.uid, totalShards) === shard
}
