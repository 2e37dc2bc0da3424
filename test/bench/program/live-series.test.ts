/** The live series of the benchmarks' receiver. */

import { expect, it } from 'vitest'
import { createLiveSeries } from '../../../bench/program/live-series.ts'
import { messageType } from '../../../simulator/otlp/message-types.ts'

const requestOf = (name: string, ...points: { pod: string; flags?: number }[]) => {
  const dataPoints = points.map(({ pod, flags = 0 }) => ({
    timeUnixNano: 1_700_000_000,
    attributes: [
      { key: 'namespace', value: { stringValue: 'a' } },
      { key: 'pod', value: { stringValue: pod } },
    ],
    ...(flags === 0 ? { asDouble: Math.random() } : { flags }),
  }))
  const metrics = [{ name, gauge: { dataPoints } }]
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }
  return Buffer.from(messageType('ExportMetricsServiceRequest').encode(request).finish())
}

it('a series is live from its first sample to its stale marker, by name and labels', () => {
  const series = createLiveSeries()
  series.apply(requestOf('up', { pod: 'a' }, { pod: 'b' }))
  series.apply(requestOf('up', { pod: 'a' }, { pod: 'c' }))
  series.apply(requestOf('down', { pod: 'a' }))
  expect(series.size).toBe(4)
  series.apply(requestOf('up', { pod: 'a', flags: 1 }, { pod: 'd' }))
  expect(series).toMatchObject({ size: 4, staleOfUnknown: 0 })
  series.apply(requestOf('up', { pod: 'a', flags: 1 }))
  expect(series).toMatchObject({ size: 4, staleOfUnknown: 1 })
  series.apply(requestOf('up', { pod: 'a' }))
  expect(series.size).toBe(5)
})

it('distinguishes many series that differ in a few characters', () => {
  const series = createLiveSeries()
  const pods = Array.from({ length: 20_000 }, (_, i) => ({ pod: `web-${i.toString(16).padStart(8, '0')}` }))
  series.apply(requestOf('up', ...pods))
  series.apply(requestOf('pu', ...pods))
  expect(series.size).toBe(40_000)
})
