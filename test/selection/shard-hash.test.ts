import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shardOf } from '../../src/selection/shard-hash.ts'
import { readGoldenObjects } from '../conformance/goldens.ts'

/** The reference implementation with 64-bit integers. */
function referenceShard(uid: string, totalShards: number): number {
  let key = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(uid)) key = BigInt.asUintN(64, (key ^ BigInt(byte)) * 0x100000001b3n)
  let bucket = 0
  let next = 0
  while (next < totalShards) {
    bucket = next
    key = BigInt.asUintN(64, key * 2862933555777941757n + 1n)
    next = Math.floor((bucket + 1) * (2 ** 31 / (Number(key >> 33n) + 1)))
  }
  return bucket
}

describe('shards', () => {
  test('agrees with the 64-bit arithmetic', () => {
    const uid = fc.oneof(fc.uuid(), fc.string({ unit: 'binary', maxLength: 120 }))
    fc.assert(
      fc.property(uid, fc.integer({ min: 1, max: 1000 }), (text, totalShards) => {
        expect(shardOf(text, totalShards)).toBe(referenceShard(text, totalShards))
      }),
      { numRuns: 5000 },
    )
  })

  test.each([1, 0, -3])('%d total shards count as 1', (totalShards) => expect(shardOf('57ec097b', totalShards)).toBe(0))

  test('an additional shard only receives objects; none move between the others', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 50 }), (uid, totalShards) => {
        expect([shardOf(uid, totalShards), totalShards]).toContain(shardOf(uid, totalShards + 1))
      }),
    )
  })

  test.each([
    ['sharding/shard-0-of-3', 0, 3],
    ['sharding/shard-1-of-3', 1, 3],
    ['sharding/shard-2-of-3', 2, 3],
    ['sharding/shard-1-of-2', 1, 2],
  ])('%s', (name, shard, totalShards) => {
    const objects = readGoldenObjects<{ metadata: { name: string; uid: string } }>(name)
    const printed = readFileSync(new URL(`../conformance/cases/${name}.prom`, import.meta.url), 'utf8')
    expect(objects.length).toBeGreaterThan(20)
    for (const { metadata } of objects) {
      expect(shardOf(metadata.uid, totalShards) === shard, metadata.name).toBe(printed.includes(`"${metadata.name}"`))
    }
  })
})
