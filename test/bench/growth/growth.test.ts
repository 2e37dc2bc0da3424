/** Options, sums and tables of the growth benchmarks. */

import { describe, expect, it } from 'vitest'
import type { Figures } from '../../../bench/growth/figures.ts'
import { largestOfFigures, sumOfFigures } from '../../../bench/growth/figures.ts'
import type { Generation } from '../../../bench/growth/generations.ts'
import { renderSoak } from '../../../bench/growth/generations.ts'
import {
  estimateGrowthMinutes,
  estimateSoakMinutes,
  parseGrowthOptions,
  parseSoakOptions,
} from '../../../bench/growth/options.ts'
import { renderGrowth } from '../../../bench/growth/table.ts'
import { sumOf } from '../../../bench/program/telemetry.ts'

describe('options', () => {
  it('have defaults, and are read', () => {
    const defaults = { pods: [10_000, 50_000, 100_000, 200_000], shards: [1], seconds: 60, shardSelectors: false }
    expect(parseGrowthOptions([])).toEqual(defaults)
    const words = ['--pods=1,2', '--shards', '1,4', '--seconds=5', '--shard-selectors']
    expect(parseGrowthOptions(words)).toEqual({ pods: [1, 2], shards: [1, 4], seconds: 5, shardSelectors: true })
    expect(parseSoakOptions([])).toEqual({ pods: 20_000, generations: 30, seconds: 10 })
    expect(parseGrowthOptions(['--help']) ?? parseSoakOptions(['--help'])).toBeUndefined()
  })

  it.each([
    ['--pods=1,x', '--pods=x: a whole number of at least 1 is needed'],
    ['--shards=', '--shards=: a whole number'],
    ['--pod=1', "Unknown option '--pod'"],
  ])('reject %s', (word, message) => expect(() => parseGrowthOptions([word])).toThrow(message))

  it('give estimates that grow with the work', () => {
    const growth = (...words: string[]) => estimateGrowthMinutes(parseGrowthOptions(words) as never)
    expect(growth('--pods=200000', '--shards=1,2,4')).toBeGreaterThan(growth('--pods=200000'))
    expect(growth()).toBeGreaterThan(growth('--pods=10000'))
    const soak = (...words: string[]) => estimateSoakMinutes(parseSoakOptions(words) as never)
    expect(soak('--generations=60')).toBeGreaterThan(soak())
  })
})

const empty: Figures = {
  series: 3,
  ready: { seconds: 0.5, cpuSeconds: 0.3 },
  sent: { seconds: 1, cpuSeconds: 0.4 },
  peakBytes: 100 * 2 ** 20,
  steadyBytes: 90 * 2 ** 20,
  heapUsedBytes: 30 * 2 ** 20,
  heapTotalBytes: 50 * 2 ** 20,
  externalBytes: 10 * 2 ** 20,
  idleCpuSeconds: 0.1,
  page: { cpuSeconds: 0.01, bytes: 1000 },
  apiBytes: 500,
}
const full: Figures = {
  ...empty,
  series: 1_000_003,
  ready: { seconds: 3, cpuSeconds: 2 },
  sent: { seconds: 5, cpuSeconds: 3.4 },
  steadyBytes: empty.steadyBytes + 80e6,
}

describe('figures', () => {
  it('of shards add up, except times, which overlap', () => {
    const larger = { ...full, ready: { seconds: 4, cpuSeconds: 1 } }
    expect(sumOfFigures([full, larger])).toMatchObject({ series: 2_000_006, ready: { seconds: 4, cpuSeconds: 3 } })
    expect(largestOfFigures([full, larger])).toMatchObject({ series: 1_000_003, ready: { seconds: 4, cpuSeconds: 2 } })
  })

  it('per series are differences to the program without pods', () => {
    const table = renderGrowth([
      { title: 'none', figures: empty, empty },
      { title: 'many', figures: full, empty },
    ])
    expect(table).toContain('| | none | many |')
    expect(table).toContain('| series | 3 | 1,000,003 |')
    expect(table).toContain('| until every series has arrived | 1.00 s, 0.40 s of CPU | 5.00 s, 3.40 s of CPU |')
    expect(table).toContain('| — CPU per series |  | 3.00 µs |')
    expect(table).toContain('| — per series |  | 80 bytes |')
  })

  it('of a soak compare the beginning and the end of generations with the same number of pods', () => {
    const generations = Array.from({ length: 31 }, (_, number) => ({
      number,
      pods: number % 2 === 0 ? 100 : 90,
      residentBytes: (number % 2 === 0 ? 100 + number : 5) * 2 ** 20,
    })) as Generation[]
    // The first three with all pods are 2, 4 and 6, the last three 26, 28 and 30.
    expect(renderSoak(generations)).toContain('| memory (RSS) | 100 MiB | 104 MiB | 128 MiB |')
  })

  it('of a telemetry page are sums over labels', () => {
    const page = '# HELP a b\na{x="1"} 2\na{x="}"} 3\nab 7\nb 1\n'
    expect([sumOf(page, 'a'), sumOf(page, 'ab'), sumOf(page, 'none')]).toEqual([5, 7, 0])
  })
})
