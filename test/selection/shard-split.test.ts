/** Divisions of objects by jump consistent hashing and by ranges, and the selectors that API servers take. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ShardMethod, ShardSplit } from '../../src/selection/shard-split.ts'
import { createShardTest, mayGain, nameOfSplit, shardSelectorOf } from '../../src/selection/shard-split.ts'

const split = (shard: number, totalShards: number, method: ShardMethod): ShardSplit => ({ shard, totalShards, method })
const method = fc.constantFrom<ShardMethod>('jump', 'ranges')
const total = fc.integer({ min: 1, max: 40 })

/** With 64-bit integers. */
function referenceHash(uid: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(uid)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}

test('every object belongs to exactly one shard', () => {
  fc.assert(
    fc.property(fc.uuid(), total, method, (uid, totalShards, by) => {
      const owners = Array.from({ length: totalShards + 2 }, (_, shard) =>
        createShardTest(split(shard, totalShards, by)),
      )
      expect(owners.filter((owns) => owns(uid))).toHaveLength(1)
      expect(owners.slice(totalShards).some((owns) => owns(uid))).toBe(false)
    }),
  )
})

test('ranges have the objects that the selector of the API server has', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 2, max: 40 }), (uid, totalShards) => {
      for (let shard = 0; shard < totalShards; shard++) {
        const mine = split(shard, totalShards, 'ranges')
        const [start = 0n, end = 0n] = [...(shardSelectorOf(mine) ?? '').matchAll(/'(0x[0-9a-f]+)'/g)].map(
          ([, bound]) => BigInt(bound as string),
        )
        const hash = referenceHash(uid)
        expect(createShardTest(mine)(uid)).toBe(hash >= start && hash < end)
      }
    }),
  )
})

describe('selectors', () => {
  test('cover all hashes', () => {
    const selectors = [0, 1, 2].map((shard) => shardSelectorOf(split(shard, 3, 'ranges')))
    expect(selectors).toEqual([
      "shardRange(object.metadata.uid, '0x0000000000000000', '0x5555555555555555')",
      "shardRange(object.metadata.uid, '0x5555555555555555', '0xaaaaaaaaaaaaaaaa')",
      "shardRange(object.metadata.uid, '0xaaaaaaaaaaaaaaaa', '0x10000000000000000')",
    ])
  })

  test('are none for jump hashing and for a single shard, and one hash for a shard that is being removed', () => {
    expect([shardSelectorOf(split(0, 3, 'jump')), shardSelectorOf(split(0, 1, 'ranges'))]).toEqual([
      undefined,
      undefined,
    ])
    expect(shardSelectorOf(split(2, 2, 'ranges'))).toContain("'0xffffffffffffffff', '0x10000000000000000'")
  })
})

test('a shard that may gain nothing gains nothing', () => {
  const shard = fc.integer({ min: 0, max: 10 })
  fc.assert(
    fc.property(fc.uuid(), shard, total, total, method, (uid, number, before, after, by) => {
      const [from, to] = [split(number, before, by), split(number, after, by)]
      if (mayGain(from, to)) return
      expect(createShardTest(to)(uid) && !createShardTest(from)(uid)).toBe(false)
    }),
    { numRuns: 2000 },
  )
  expect(mayGain(split(0, 2, 'jump'), split(0, 3, 'jump'))).toBe(false)
  expect(mayGain(split(0, 3, 'jump'), split(0, 2, 'jump'))).toBe(true)
  expect(mayGain(split(0, 2, 'ranges'), split(0, 3, 'ranges'))).toBe(true)
})

test('the name of a split is that of all its shards, and of no other', () => {
  expect(nameOfSplit(split(1, 3, 'jump'))).toBe('jump/3')
  expect(nameOfSplit(split(0, 0, 'ranges'))).toBe('ranges/1')
  expect(nameOfSplit({ ...split(0, 3, 'jump'), firstOrdinal: 0 })).toBe('jump/3')
  expect(nameOfSplit({ ...split(0, 3, 'jump'), firstOrdinal: 2 })).toBe('jump/3 from 2')
})
