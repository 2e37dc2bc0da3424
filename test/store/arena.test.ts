/** The arena compared with a Map of blocks: blocks stay readable after moves, and dead pages are released. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createArena } from '../../src/store/arena.ts'

const pageSize = 256 * 1024
const entryHeader = 8

function createPair() {
  const arena = createArena()
  const model = new Map<number, Uint8Array>()
  let fill = 0
  return {
    arena,
    model,
    set(owner: number, length: number) {
      const bytes = new Uint8Array(length + 3).fill(++fill)
      arena.set(owner, bytes, length)
      model.set(owner, bytes.subarray(0, length))
    },
    remove(owner: number) {
      if (model.delete(owner)) arena.remove(owner)
    },
    liveBytes: () => [...model.values()].reduce((sum, bytes) => sum + bytes.length + entryHeader, 0),
    assertSame() {
      for (const [owner, bytes] of model) {
        const at = arena.offset(owner)
        const length = arena.length(owner)
        if (Buffer.compare(arena.bytes(owner).subarray(at, at + length), bytes) !== 0) {
          throw new Error(`owner ${owner}: ${length} bytes at ${at} are not the ${bytes.length} that were set`)
        }
      }
    },
    assertBounded() {
      expect(arena.capacity).toBeLessThanOrEqual(1.6 * this.liveBytes() + 2 * pageSize)
    },
  }
}

/** Sizes as pods have them, now and then one beyond a quarter page, which gets a page of its own. */
const size = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 16, max: 6_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 300_000 }) },
)
const step = fc.record({ owner: fc.nat(150), length: fc.option(size, { freq: 3 }) })

describe('arena', () => {
  test('holds what a Map holds, within 1.6 times the living bytes and two pages', () => {
    const script = fc.array(step, { minLength: 200, maxLength: 600, size: 'max' })
    const property = fc.property(script, (steps) => {
      const pair = createPair()
      for (const { owner, length } of steps) {
        if (length === null) pair.remove(owner)
        else pair.set(owner, length)
      }
      pair.assertSame()
      pair.assertBounded()
      for (const owner of [...pair.model.keys()]) pair.remove(owner)
      pair.assertBounded()
    })
    fc.assert(property, { numRuns: 150, seed: 3 })
  })

  test('gives back a page whose blocks all died while it was filled', () => {
    const pair = createPair()
    for (let i = 0; i < 5_000; i++) {
      pair.set(0, 1_000)
      pair.remove(0)
    }
    pair.assertBounded()
  })

  test('stays small while one object changes its length for ever', () => {
    const pair = createPair()
    for (let owner = 0; owner < 500; owner++) pair.set(owner, 1_000)
    for (let i = 0; i < 20_000; i++) pair.set(i % 7, 900 + (i % 200))
    pair.assertSame()
    pair.assertBounded()
  })

  test('overwrites a block of the same length where it lies', () => {
    const pair = createPair()
    pair.set(1, 50)
    const [at, capacity] = [pair.arena.offset(1), pair.arena.capacity]
    pair.set(1, 50)
    expect([pair.arena.offset(1), pair.arena.capacity]).toEqual([at, capacity])
    pair.assertSame()
  })
})
