/** Self-metrics as a flat list, for those who show them. */

import type { DataPoint, Histogram, ResourceMetrics } from '@opentelemetry/sdk-metrics'

/** One value of a self-metric, or one of its histograms. */
export interface SelfSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Of a histogram the sum. */
  readonly value: number
  readonly histogram?: SelfHistogram
}

export interface SelfHistogram {
  readonly count: number
  /** Upper bounds in seconds; there is one more count than bounds. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

export function samplesOf({ scopeMetrics }: ResourceMetrics): SelfSample[] {
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
  return metrics.flatMap(({ descriptor: { name }, dataPoints }) =>
    (dataPoints as DataPoint<number | Histogram>[]).map(({ value, attributes }) => ({
      name,
      labels: Object.fromEntries(Object.entries(attributes).map(([label, text]) => [label, String(text)])),
      ...(typeof value === 'number' ? { value } : histogramOf(value)),
    })),
  )
}

function histogramOf({ count, sum = 0, buckets: { boundaries, counts } }: Histogram) {
  return { value: sum, histogram: { count, bounds: boundaries, counts } }
}
