/**
 * The store as a MetricProducer of the OpenTelemetry SDK, so that any reader and exporter of the SDK can export the same
 * series. It creates an object per point, unlike the built-in push; bench/encode.ts measures the cost.
 */

import { ValueType } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { MetricProducer } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import { decodeLabels } from '../rows/label-bytes.ts'
import type { FamilyLayout, ResourceLayout } from '../rows/layout.ts'
import type { PageWalk } from '../store/page-walk.ts'
import { createPageWalk } from '../store/page-walk.ts'
import type { Store } from '../store/store.ts'

type Time = [seconds: number, nanoseconds: number]

interface Point {
  readonly startTime: Time
  readonly endTime: Time
  readonly attributes: Record<string, string>
  readonly value: number
}

/**
 * A producer for the `metricProducers` option of an SDK reader, with all synced resources. An SDK reader keeps
 * no series, so deleted objects disappear without stale markers.
 */
export function createMetricProducer(store: Store, wallMs: () => number = Date.now): MetricProducer {
  return {
    async collect() {
      const now = wallMs()
      const time: Time = [Math.floor(now / 1000), (now % 1000) * 1_000_000]
      const synced = store.registry.layouts.filter(({ id }) => store.isSynced(id))
      const metrics = synced.flatMap((layout) => collectResource(store, layout, time))
      const scopeMetrics = [{ scope: { name: '' }, metrics }]
      return { resourceMetrics: { resource: resourceFromAttributes({}), scopeMetrics }, errors: [] }
    },
  }
}

function collectResource(store: Store, { id, families }: ResourceLayout, time: Time) {
  const walk = createPageWalk(store, id)
  return families.flatMap((layout) => {
    const dataPoints = collectPoints(walk, layout, time)
    return dataPoints.length === 0 ? [] : [metricOf(layout, dataPoints)]
  })
}

function collectPoints(walk: PageWalk, { id, family }: FamilyLayout, endTime: Time): Point[] {
  const points: Point[] = []
  for (let object = 0; object < walk.size; object++) {
    walk.rows(object, id, (row) => {
      if (row.duplicate) return
      const attributes = Object.fromEntries(decodeLabels(Buffer.from(row.seriesKey(), 'latin1')))
      const startTime: Time = [family.type === 'counter' ? row.startSeconds : 0, 0]
      points.push({ startTime, endTime, attributes, value: row.value })
    })
  }
  return points
}

function metricOf({ family }: FamilyLayout, dataPoints: Point[]) {
  const { name, help: description } = family
  const shared = {
    descriptor: { name, description, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints,
  }
  return family.type === 'gauge'
    ? { ...shared, dataPointType: DataPointType.GAUGE as const }
    : { ...shared, dataPointType: DataPointType.SUM as const, isMonotonic: family.type === 'counter' }
}
