import { describe, expect, it } from 'vitest'
import type { SeriesSource } from '../../demo/series-comparison.ts'
import { compareSeries, createSeriesDigest, isEqual } from '../../demo/series-comparison.ts'

type Entries = readonly (readonly [string, number])[]

const sourceOf =
  (entries: Entries): SeriesSource =>
  (visit) => {
    for (const [series, value] of entries) visit(series, value)
  }
const compare = (expected: Entries, received: Entries) => compareSeries(sourceOf(expected), new Map(received))

describe('a comparison', () => {
  it('is equal for the same series, of whose duplicates the first counts', () => {
    const result = compare(
      [
        ['a', 1],
        ['b', Number.NaN],
        ['a', 2],
      ],
      [
        ['b', Number.NaN],
        ['a', 1],
      ],
    )
    expect(result).toEqual({ expected: 2, received: 2, missing: [], extra: [], different: [] })
    expect(isEqual(result)).toBe(true)
  })

  it('names each series that is missing, unexpected or different once', () => {
    const result = compare(
      [
        ['a', 1],
        ['b', 1],
        ['b', 2],
        ['c', 1],
      ],
      [
        ['c', 2],
        ['d', 0],
      ],
    )
    expect(result).toEqual({ expected: 3, received: 2, missing: ['a', 'b'], extra: ['d'], different: ['c'] })
    expect(isEqual(result)).toBe(false)
  })
})

describe('a digest', () => {
  const digestOf = (...entries: Entries) => {
    const digest = createSeriesDigest()
    sourceOf(entries)(digest.add)
    return digest.read()
  }

  it('is the same in any order', () => expect(digestOf(['a', 1], ['b', 2])).toBe(digestOf(['b', 2], ['a', 1])))

  it.each<Entries>([
    [['a', 1]],
    [
      ['a', 1],
      ['b', 1],
    ],
    [
      ['a', 1],
      ['b', 2],
      ['b', 2],
    ],
    [
      ['a', 2],
      ['b', 1],
    ],
  ])('differs for %j', (...entries) => expect(digestOf(...entries)).not.toBe(digestOf(['a', 1], ['b', 2])))
})
