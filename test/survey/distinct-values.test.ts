import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DistinctValues } from '../../src/survey/distinct-values.ts'

test('counts as a Set does', () => {
  const hash = fc.oneof(fc.nat(50), fc.integer({ min: 0, max: 0xffff_ffff }))
  const property = fc.property(fc.array(hash, { maxLength: 300 }), (hashes) => {
    const values = new DistinctValues()
    for (const one of hashes) values.add(one)
    expect(values.count).toBe(new Set(hashes).size)
  })
  fc.assert(property)
})
