/** How the objects are divided among shards, and which of them belong to one of the shards. Pure. */

import type { Hash } from './shard-hash.ts'
import { hashUid, shardOf } from './shard-hash.ts'

/**
 * `jump`: jump consistent hashing of the UID, as in KSM. `ranges`: equal ranges of the hash of the UID, which API servers can
 * select by. All shards of an installation must use the same one.
 */
export type ShardMethod = 'jump' | 'ranges'

/** One shard of a division. A shard at or above the total, as one that is being removed, has no objects. */
export interface ShardSplit {
  /** Counted from 0. */
  readonly shard: number
  /** 1 or less: objects are not divided. */
  readonly totalShards: number
  readonly method: ShardMethod
  /** The ordinal of the pod of shard 0 in a StatefulSet; 0 when left out. */
  readonly firstOrdinal?: number
}

/** Whether an object with this UID belongs to the shard. */
export type ShardTest = (uid: string) => boolean

export function createShardTest({ shard, totalShards, method }: ShardSplit): ShardTest {
  const total = Math.max(1, totalShards)
  if (shard >= total) return () => false
  if (total === 1) return () => true
  if (method === 'jump') return (uid) => shardOf(uid, total) === shard
  const [start, end] = [hashOf(bound(shard, total)), hashOf(bound(shard + 1, total) - 1n)]
  return (uid) => {
    const hash = hashUid(uid)
    return isAtLeast(hash, start) && isAtLeast(end, hash)
  }
}

/** Equal for shards that divide the objects among the same pods in the same way: `jump/3`, `jump/3 from 1`. */
export function nameOfSplit({ totalShards, method, firstOrdinal = 0 }: Omit<ShardSplit, 'shard'>): string {
  return `${method}/${Math.max(1, totalShards)}${firstOrdinal === 0 ? '' : ` from ${firstOrdinal}`}`
}

/** Whether the shard may have objects after a change that it did not have before. */
export function mayGain(before: ShardSplit, after: ShardSplit): boolean {
  if (before.shard !== after.shard || before.method !== after.method || after.method !== 'jump') return true
  // When shards are added, jump consistent hashing moves objects to the new ones only.
  return after.totalShards < before.totalShards || before.shard >= before.totalShards
}

/** The parameter `shardSelector` of list and watch requests (KEP-5866); undefined when everything is read. */
export function shardSelectorOf({ shard, totalShards, method }: ShardSplit): string | undefined {
  if (method !== 'ranges' || totalShards <= 1) return undefined
  // An empty range is invalid; one hash is the next best for a shard without objects.
  const [start, end] =
    shard < totalShards ? [bound(shard, totalShards), bound(shard + 1, totalShards)] : [top - 1n, top]
  return `shardRange(object.metadata.uid, '${hex(start)}', '${hex(end)}')`
}

const top = 2n ** 64n
const bound = (shard: number, total: number) => (BigInt(shard) * top) / BigInt(total)
const hex = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`
const hashOf = (value: bigint): Hash => ({ high: Number(value >> 32n) | 0, low: Number(value & 0xffffffffn) | 0 })

function isAtLeast(a: Hash, b: Hash): boolean {
  return a.high === b.high ? a.low >>> 0 >= b.low >>> 0 : a.high >>> 0 > b.high >>> 0
}
