/** Reads the series of a page and of a request into the same form, so that they can be compared. */
import { expect } from 'vitest'
import type { DecodedMetric } from '../../simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../simulator/otlp/metrics-decoder.ts'
import { familyOf } from './cases.ts'
import { parseGoFloat } from './goldens.ts'

/** Every series of a page once, with its type and the value it has first, in any order. */
export function firstOfEachSeries(lines: readonly string[]): Map<string, string> {
  const types = new Map(
    lines.filter((line) => line.startsWith('#')).map((line) => [familyOf(line), line.split(' ')[3]]),
  )
  const series = new Map<string, string>()
  for (const line of lines.filter((line) => !line.startsWith('#'))) {
    const end = line.lastIndexOf(' ')
    const name = inOrder(line.slice(0, end))
    if (!series.has(name)) series.set(name, `${types.get(familyOf(line))} ${parseGoFloat(line.slice(end + 1))}`)
  }
  return series
}

/** The series that a page has more than once: rules for custom resources may name several objects alike. */
export function repeatedSeries(lines: readonly string[]): ReadonlySet<string> {
  const names = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => inOrder(line.slice(0, line.lastIndexOf(' '))))
  return new Set(names.filter((name, i) => names.indexOf(name) < i))
}

/** Every series of a request with its type and the value it has first; none may come twice but those of `repeated`. */
export function pointsOf(
  request: Uint8Array,
  timestampMs: number,
  isCompared: (line: string) => boolean,
  repeated: ReadonlySet<string>,
): Map<string, string> {
  const series = new Map<string, string>()
  const metrics = decodeMetrics(request).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.metrics))
  for (const metric of metrics.filter(({ name }) => isCompared(name))) {
    for (const point of metric.points) {
      const labels = point.attributes.map(([key, value]) => `${key}="${escapeLabel(String(value))}"`)
      const name = inOrder(labels.length === 0 ? metric.name : `${metric.name}{${labels.join(',')}}`)
      if (series.has(name) && repeated.has(name)) continue
      expect(series.has(name), `${name} comes twice`).toBe(false)
      expect(point).toMatchObject({ timeUnixNano: BigInt(timestampMs) * 1_000_000n, noRecordedValue: false })
      if (metric.type === 'gauge') expect(point.startTimeUnixNano).toBe(0n)
      series.set(name, `${typeOf(metric)} ${point.value === 0 ? 0 : point.value}`)
    }
  }
  return series
}

/** A series with its labels sorted by name: attributes of OTLP are a set, in no order. */
function inOrder(name: string): string {
  const labels = name.match(/\w+="(?:[^"\\]|\\.)*"/gu)
  return labels === null ? name : `${name.slice(0, name.indexOf('{'))}{${labels.sort().join(',')}}`
}

function typeOf({ type, monotonic, temporality, metadata, description, unit }: DecodedMetric): string {
  expect([description === '', unit]).toEqual([false, ''])
  if (type !== 'sum') return type
  expect(temporality).toBe('cumulative')
  if (monotonic) return 'counter'
  // Info and state sets: gauges as far as the text format is concerned.
  expect([[['prometheus.type', 'info']], [['prometheus.type', 'stateset']]]).toContainEqual(metadata)
  return 'gauge'
}

const escapeLabel = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
