/** The dictionary of a block against a Map: equal sets share an entry, whatever their hashes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLabels, readVarint, varintLength } from '../../src/rows/label-bytes.ts'
import type { LabelNames } from '../../src/rows/label-dictionary.ts'
import { createLabelNames, LabelDictionary } from '../../src/rows/label-dictionary.ts'

const names = ['a', 'b', 'c'].map((_, i, all) => all.slice(0, i + 1))
const keys: LabelNames[] = names.map((list, id) => createLabelNames(id, list))

/**
 * Few values, so that sets are equal or nearly so; those of 40 characters differ in the middle alone.
 * Some take more bytes than characters, and lengths of one, two and three bytes.
 */
const value = fc.oneof(
  fc.constantFrom('', 'x', 'y', 'é', '日本語'),
  fc.constantFrom('-', '+').map((middle) => 'm'.repeat(20) + middle + 'm'.repeat(20)),
  fc.constantFrom('x'.repeat(118), 'é'.repeat(118), 'é'.repeat(70), 'x'.repeat(17_000)),
)
const set = fc
  .constantFrom(0, 1, 2)
  .chain((id) => fc.tuple(fc.constant(id), fc.array(value, { minLength: id + 1, maxLength: id + 1 })))

describe('label dictionary', () => {
  test('has each set once, where its offset says', () => {
    const dictionary = new LabelDictionary()
    const property = fc.property(fc.array(set, { maxLength: 200, size: 'max' }), (sets) => {
      dictionary.reset()
      const entries = new Map<string, number>()
      for (const [id, values] of sets) {
        const entry = dictionary.add(keys[id] as LabelNames, values)
        const labels = JSON.stringify(values.map((text, i) => [names[id]?.[i], text]))
        expect(entries.get(labels) ?? entry).toBe(entry)
        entries.set(labels, entry)
      }
      expect(new Set(entries.values()).size).toBe(entries.size)
      for (const [labels, entry] of entries) {
        const offset = dictionary.offset(entry)
        const length = readVarint(dictionary.bytes, offset)
        const start = offset + varintLength(length)
        expect(JSON.stringify(decodeLabels(dictionary.bytes, start, start + length))).toBe(labels)
      }
    })
    fc.assert(property, { numRuns: 100 })
  })

  test('tells the second use of a set by a family', () => {
    const dictionary = new LabelDictionary()
    const add = () => dictionary.add(keys[0] as LabelNames, ['x'])
    const entry = add()
    expect([0, 0, 1, 1].map((family) => dictionary.use(entry, family))).toEqual([false, true, false, true])
    dictionary.reset()
    expect(dictionary.use(add(), 1)).toBe(false)
  })
})
