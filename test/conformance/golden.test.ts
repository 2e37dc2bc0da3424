/** Every case the whole way, in Prometheus text, OpenMetrics and OTLP: each must say what was recorded, no less, no more. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DecodedMetric } from '../../src/simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../src/simulator/otlp/metrics-decoder.ts'
import type { Case } from './cases.ts'
import { familyOf, goldenFolder, readCases, recordedFolder, relevantLines } from './cases.ts'
import { parseGoFloat } from './goldens.ts'
import { configureCase, observeCase, writePage, writeRequest } from './rendered-case.ts'

/** Cases that need what does not exist yet, by group or name. */
const without: Readonly<Record<string, string>> = {
  customresourcestate: 'custom resources',
  'configfile/custom-resources': 'custom resources',
}

const catalogue: { readonly families: readonly { readonly name: string }[] } = JSON.parse(
  readFileSync(new URL('catalogue.json', import.meta.url), 'utf8'),
)
const recordedFamilies = new Set(catalogue.families.map(({ name }) => name))
const timestampMs = 1_700_000_000_000

const isPossible = ({ group, name }: Case) => without[group] === undefined && without[name] === undefined

describe('what kube-state-metrics printed', () => {
  for (const one of readCases(recordedFolder).filter(isPossible)) {
    // What it never had cannot be in its records, however widely a case opts in.
    test(one.name, () => compare(one, (line) => recordedFamilies.has(familyOf(line))))
  }
})

describe('what we print beyond', () => {
  for (const one of readCases(goldenFolder)) test(one.name, () => compare(one, () => true))
})

function compare(one: Case, isCompared: (line: string) => boolean): void {
  if (one.rejects) {
    const loaded = configureCase(one)
    expect(loaded.ok ? [] : loaded.problems).not.toEqual([])
    return
  }
  expect(one.expected, `${one.name} has no .prom file: npm run golden`).toBeDefined()
  const expected = (one.expected as string[]).toSorted()
  const engine = observeCase(one)

  const text = relevantLines(writePage(engine, 'text')).filter(isCompared)
  expect(text.toSorted()).toEqual(expected)

  const openMetrics = writePage(engine, 'openmetrics')
  expect(openMetrics.endsWith('# EOF\n')).toBe(true)
  expect(relevantLines(openMetrics).map(likeText).filter(isCompared).toSorted()).toEqual(expected)

  expect(pointsOf(writeRequest(engine, timestampMs), isCompared)).toEqual(firstOfEachSeries(text))
}

/** OpenMetrics names the family of a counter without the suffix of its samples. */
function likeText(line: string): string {
  return line.startsWith('# TYPE ') && line.endsWith(' counter') ? line.replace(/ counter$/, '_total counter') : line
}

/** Every series of a page once, with its type and the value it has first, in any order. */
function firstOfEachSeries(lines: readonly string[]): Map<string, string> {
  const types = new Map(
    lines.filter((line) => line.startsWith('#')).map((line) => [familyOf(line), line.split(' ')[3]]),
  )
  const series = new Map<string, string>()
  for (const line of lines.filter((line) => !line.startsWith('#'))) {
    const end = line.lastIndexOf(' ')
    const name = line.slice(0, end)
    if (!series.has(name)) series.set(name, `${types.get(familyOf(line))} ${parseGoFloat(line.slice(end + 1))}`)
  }
  return series
}

/** Every series of a request with its type and value; none may come twice. */
function pointsOf(request: Uint8Array, isCompared: (line: string) => boolean): Map<string, string> {
  const series = new Map<string, string>()
  const metrics = decodeMetrics(request).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.metrics))
  for (const metric of metrics.filter(({ name }) => isCompared(name))) {
    for (const point of metric.points) {
      const labels = point.attributes.map(([key, value]) => `${key}="${escapeLabel(String(value))}"`)
      const name = labels.length === 0 ? metric.name : `${metric.name}{${labels.join(',')}}`
      expect(series.has(name), `${name} comes twice`).toBe(false)
      expect(point).toMatchObject({ timeUnixNano: BigInt(timestampMs) * 1_000_000n, noRecordedValue: false })
      if (metric.type === 'gauge') expect(point.startTimeUnixNano).toBe(0n)
      series.set(name, `${typeOf(metric)} ${point.value === 0 ? 0 : point.value}`)
    }
  }
  return series
}

function typeOf({ type, monotonic, temporality, description, unit }: DecodedMetric): string {
  expect([description === '', unit]).toEqual([false, ''])
  return type === 'sum' && monotonic && temporality === 'cumulative' ? 'counter' : type
}

const escapeLabel = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
