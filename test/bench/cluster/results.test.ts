/** Options, figures from /proc and pages, delays, and the table. */

import { describe, expect, it } from 'vitest'
import type { Measured } from '../../../bench/cluster/measure.ts'
import { estimateMinutes, parseOptions } from '../../../bench/cluster/options.ts'
import { renderTable } from '../../../bench/cluster/results-table.ts'
import type { MeasuredStart } from '../../../bench/cluster/resume.ts'
import { renderStarts } from '../../../bench/cluster/resume.ts'
import { delaysOf } from '../../../bench/program/marks.ts'
import { createSeriesCounter } from '../../../bench/program/page.ts'
import { cpuSeconds, usageOf } from '../../../bench/program/process-usage.ts'

describe('options', () => {
  const defaults = {
    ...{ pods: 2000, seconds: 60, rate: 100, scrapeEvery: undefined, limit: undefined },
    ...{ collector: false, kubeStateMetrics: false, resume: false },
  }

  it('have defaults', () => expect(parseOptions([])).toEqual(defaults))
  it('are read', () =>
    expect(parseOptions(['--pods=10000', '--rate', '5', '--collector', '--kube-state-metrics', '--limit=384'])).toEqual(
      {
        ...defaults,
        ...{ pods: 10_000, rate: 5, collector: true, kubeStateMetrics: true, limit: 384 },
      },
    ))
  it('have scrapes beside the changes', () =>
    expect(parseOptions(['--rate=200', '--scrape-every=15'])).toEqual({ ...defaults, rate: 200, scrapeEvery: 15 }))
  it('ask for help', () => expect(parseOptions(['--help'])).toBeUndefined())
  it.each([
    ['--pods=3', '--pods=3: a whole number of at least 30 is needed'],
    ['--rate=fast', '--rate=fast: a whole number of at least 1 is needed'],
    ['--scrape-every=0', '--scrape-every=0: a whole number of at least 1 is needed'],
    ['--podz=3', "Unknown option '--podz'"],
  ])('reject %s', (word, message) => expect(() => parseOptions([word])).toThrow(message))

  it('give an estimate that grows with the pods and the exporters', () => {
    const of = (...words: string[]) =>
      estimateMinutes(parseOptions(words) as NonNullable<ReturnType<typeof parseOptions>>)
    expect(of('--pods=10000')).toBeGreaterThan(of('--pods=1000'))
    expect(of('--kube-state-metrics')).toBeGreaterThan(of())
    expect(of('--resume')).toBeGreaterThan(0)
  })
})

describe('figures', () => {
  it('read the CPU time of a process whatever its name is', () => {
    const fields = ['S', ...Array(10).fill('1'), '250', '150', ...Array(30).fill('9')]
    expect(cpuSeconds(`123 (a (strange) name) ${fields.join(' ')}`)).toBe(4)
  })

  it.runIf(process.platform === 'linux')('read those of this process', () => {
    const { residentBytes, peakBytes, cpuSeconds: seconds } = usageOf(process.pid)
    expect(residentBytes).toBeGreaterThan(10e6)
    expect(peakBytes).toBeGreaterThanOrEqual(residentBytes)
    expect(seconds).toBeGreaterThan(0)
  })

  it.each([1, 7, 1000])('count the series of a page that comes in chunks of %i bytes', (size) => {
    const count = (page: string) => {
      const counter = createSeriesCounter()
      const bytes = Buffer.from(page)
      for (let at = 0; at < bytes.length; at += size) counter.add(bytes.subarray(at, at + size))
      return counter.series
    }
    expect(count('# HELP a b\n# TYPE a gauge\na{b="c"} 1\na{b="d#"} 2\n\n# EOF')).toBe(2)
    expect(count('a 1')).toBe(1)
    expect(count('')).toBe(0)
  })

  it('are delays of the marks that arrived, never below 0', () => {
    const written = new Map(Array.from({ length: 101 }, (_, i) => [i, 1000]))
    const arrivals = new Map(Array.from({ length: 100 }, (_, i) => [i, i === 0 ? 990 : 1000 + i * 10]))
    expect(delaysOf(written, arrivals)).toEqual({
      written: 101,
      arrived: 100,
      p50: 0.5,
      p90: 0.9,
      p99: 0.99,
      max: 0.99,
    })
    expect(delaysOf(new Map([[1, 1]]), new Map())).toMatchObject({ arrived: 0, p50: Number.NaN })
  })
})

it('the table has a column for each exporter, and a sum for each Collector', () => {
  const scraped = { seconds: 0.2, bytes: 2_000_000, series: 10, cpuSeconds: 0.1 }
  const measured: Measured = {
    name: 'a',
    series: 12_345,
    ready: { seconds: 1, cpuSeconds: 0.5 },
    sent: { seconds: 2, cpuSeconds: [1.5, 0.25] },
    peakBytes: [100 * 2 ** 20, 200 * 2 ** 20],
    steadyBytes: [90 * 2 ** 20, 150 * 2 ** 20],
    idle: { cpuSeconds: [0.5, 1], points: 12_345.4 },
    page: scraped,
    compressedPage: { ...scraped, bytes: 200_000 },
    churn: {
      cpuSeconds: [1, 2],
      delays: { written: 100, arrived: 99, p50: 0.5, p90: 0.9, p99: 0.99, max: 1 },
    },
  }
  const table = renderTable([measured, { ...measured, name: 'b', sent: undefined, peakBytes: [2 ** 20] }])
  expect(table.split('\n').slice(0, 3)).toEqual(['| | a | b |', '|---|---|---|', '| series | 12,345 | 12,345 |'])
  expect(table).toContain('| until every series has arrived | 2.00 s, 1.50 s + 0.25 s of CPU |  |')
  expect(table).toContain('| peak memory (RSS) | 100 MiB + 200 MiB | 1 MiB |')
  expect(table).toContain('0.50 s / 0.90 s / 0.99 s / 1.00 s')
  expect(table).toContain('| 99 of 100 |')
})

it('the table of starts has a column for each', () => {
  const costs = { seconds: 3, cpuSeconds: 2, apiServerSeconds: 1, etcdSeconds: 0.5 }
  const ordinary: MeasuredStart = {
    ...{ name: 'ordinary start 1', series: 12_345, ready: costs, sent: { ...costs, seconds: 4 } },
    ...{ peakBytes: 100 * 2 ** 20, apiBytes: 7e6, replayed: 0, otherwise: 0 },
  }
  const table = renderStarts([ordinary, { ...ordinary, name: 'resumed 1', replayed: 31, otherwise: 1 }])
  expect(table).toContain('| 12,345 series | ordinary start 1 | resumed 1 |')
  expect(table).toContain('| until every series has arrived | 4.00 s, 2.00 s of CPU |')
  expect(table).toContain('| — CPU of API server + etcd | 1.00 s + 0.50 s |')
  expect(table).toContain('| lists continued / not | 0 / 0 | 31 / 1 |')
})
