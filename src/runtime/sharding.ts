/** Which objects this process has, and which of them it may send; both change while the program runs. */

import type { ShardSplit, ShardTest } from '../selection/shard-split.ts'
import { createShardTest } from '../selection/shard-split.ts'

export interface Sharding {
  /** Undefined until the number of shards is known. */
  readonly split: ShardSplit | undefined
  /** Whether an object with this UID is this shard's. */
  readonly owns: ShardTest
  /** Whether the object is this shard's only since a change that other shards may not have applied. */
  readonly isHeld: ShardTest
  /** `holds`: objects that are gained are held until `release`. */
  change(next: ShardSplit, holds: boolean): void
  /** Nothing is held any more. */
  release(): void
}

export function createSharding(): Sharding {
  let split: ShardSplit | undefined
  let owns: ShardTest = () => false
  /** Of the splits since the last release, but for the present one. */
  let former: ShardTest[] = []
  return {
    get split() {
      return split
    },
    owns: (uid) => owns(uid),
    isHeld: (uid) => former.some((owned) => !owned(uid)),
    change(next, holds) {
      if (split !== undefined && holds) former.push(owns)
      split = next
      owns = createShardTest(next)
    },
    release() {
      former = []
    },
  }
}
