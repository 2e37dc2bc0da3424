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
    const name = line.slice(0, end)
    if (!series.has(name)) series.set(name, `${types.get(familyOf(line))} ${parseGoFloat(line.slice(end + 1))}`)
  }
  return series
}

/** Every series of a request with its type and value; none may come twice. */
export function pointsOf(
  request: Uint8Array,
  timestampMs: number,
  isCompared: (line: string) => boolean,
): Map<string, string> {
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
