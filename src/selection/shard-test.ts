/** Owns which objects are this shard's, whether they come from a server or from files. */

import type { KubernetesObject } from '../families/family.ts'
import { shardOf } from './shard-hash.ts'

/** A test of single objects; without sharding it admits all. */
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
