/** The index of hashes against a Map, beyond several growths. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHashIndex } from '../../../src/inspect/compare/hash-index.ts'

const half = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.integer())

test('numbers hashes as a Map does, in the order in which they come', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 200 }), (keys) => {
      const index = createHashIndex()
      const model = new Map<string, number>()
      for (const [low, high] of keys) {
        const name = `${low >>> 0}/${high >>> 0}`
        expect(index.find(low, high)).toBe(model.get(name))
        const number = model.get(name) ?? model.size
        model.set(name, number)
        expect(index.add(low, high)).toBe(number)
        expect([index.lowOf(number), index.highOf(number)]).toEqual([low >>> 0, high >>> 0])
      }
      expect(index.size).toBe(model.size)
    }),
  )
})

test('keeps all of many', () => {
  const index = createHashIndex()
  const keyOf = (i: number) => [Math.imul(i, 0x9e3779b9), i >> 3] as const
  for (let i = 0; i < 100_000; i++) expect(index.add(...keyOf(i))).toBe(i)
  expect(index.size).toBe(100_000)
  for (let i = 0; i < 100_000; i++) if (index.find(...keyOf(i)) !== i) throw new Error(`${i} is lost`)
  expect(index.find(1, 0xffffffff)).toBeUndefined()
})
