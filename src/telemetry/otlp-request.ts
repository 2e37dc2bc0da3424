/**
 * Self-metrics as the bytes of an ExportMetricsServiceRequest. There are a few hundred points a minute: the code is
 * plain and builds small buffers. Object state has an encoder of its own, in encoding/.
 */
import type { Attributes } from '@opentelemetry/api'
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'

/** One ResourceMetrics with one scope. */
export interface ResourceContent {
  readonly resource: Iterable<readonly [string, string]>
  /** Name of the instrumentation scope. Left out: the empty scope, which adds no labels anywhere. */
  readonly scope?: string
  readonly metrics: readonly MetricData[]
  /** On every point that has no label of the name. */
  readonly constantLabels: ReadonlyMap<string, string>
}

export interface PointOptions {
  /** Unix milliseconds, of all points. */
  readonly timeMs: number
  /** Write markers without a value, each in a Metric entry of its own: receivers may drop what follows one. */
  readonly stale: boolean
}

/** Encodes one request. */
export function encodeRequest(content: ResourceContent, options: PointOptions): Buffer {
  const { resource, scope, metrics, constantLabels } = content
  const scopeMessage = scope && message(1, text(1, scope))
  const entries = metrics.flatMap((metric) => encodeMetric(metric, constantLabels, options))
  return message(
    1,
    message(1, ...[...resource].map(([key, value]) => encodeAttribute(1, key, value))),
    message(2, ...(scopeMessage ? [scopeMessage] : []), ...entries),
  )
}

const metricField: Partial<Record<DataPointType, number>> = {
  [DataPointType.GAUGE]: 5,
  [DataPointType.SUM]: 7,
  [DataPointType.HISTOGRAM]: 9,
}
const cumulative = 2
const delta = 1

function encodeMetric(
  metric: MetricData,
  constantLabels: ReadonlyMap<string, string>,
  options: PointOptions,
): Buffer[] {
  const { descriptor, dataPointType } = metric
  const field = metricField[dataPointType]
  // Exponential histograms: none of our instruments is one.
  if (field === undefined) return []
  const points = (metric.dataPoints as DataPoint<number | Histogram>[]).map((point) =>
    encodePoint(point, dataPointType === DataPointType.GAUGE, constantLabels, options),
  )
  const head = [text(1, descriptor.name), text(2, descriptor.description)]
  const properties = encodeProperties(metric)
  const entry = (of: Buffer[]) => message(2, ...head, message(field, ...of, ...properties))
  if (points.length === 0) return []
  return options.stale ? points.map((point) => entry([point])) : [entry(points)]
}

function encodeProperties(metric: MetricData): Buffer[] {
  if (metric.dataPointType === DataPointType.GAUGE) return []
  const temporality = metric.aggregationTemporality === AggregationTemporality.DELTA ? delta : cumulative
  const isMonotonic = metric.dataPointType === DataPointType.SUM && metric.isMonotonic
  return [integer(2, temporality), ...(isMonotonic ? [integer(3, 1)] : [])]
}

function encodePoint(
  { value, attributes, startTime }: DataPoint<number | Histogram>,
  isGauge: boolean,
  constantLabels: ReadonlyMap<string, string>,
  { timeMs, stale }: PointOptions,
): Buffer {
  const isNumber = typeof value === 'number'
  // A start time on a gauge makes some receivers write a synthetic zero.
  const start = isGauge ? [] : [fixed64(2, nanosecondsOf(startTime))]
  const time = fixed64(3, BigInt(Math.trunc(timeMs)) * 1_000_000n)
  const labels = encodeLabels(isNumber ? 7 : 9, attributes, constantLabels)
  const content = stale ? [integer(isNumber ? 8 : 10, 1)] : isNumber ? [double(4, value)] : encodeHistogram(value)
  return message(1, ...start, time, ...content, ...labels)
}

function encodeHistogram({ count, sum, buckets }: Histogram): Buffer[] {
  return [
    fixed64(4, BigInt(count)),
    ...(sum === undefined ? [] : [double(5, sum)]),
    bytes(6, Buffer.concat(buckets.counts.map((bucket) => eightBytes(BigInt(bucket))))),
    bytes(7, Buffer.concat(buckets.boundaries.map(doubleBytes))),
  ]
}

function encodeLabels(field: number, attributes: Attributes, constantLabels: ReadonlyMap<string, string>): Buffer[] {
  const own = Object.entries(attributes).map(([key, value]) => encodeAttribute(field, key, String(value)))
  const added = [...constantLabels].filter(([key]) => !(key in attributes))
  return [...own, ...added.map(([key, value]) => encodeAttribute(field, key, value))]
}

function encodeAttribute(field: number, key: string, value: string): Buffer {
  return message(field, text(1, key), message(2, text(1, value)))
}

function nanosecondsOf([seconds, nanoseconds]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)
}

function message(field: number, ...parts: Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts))
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value))
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

function fixed64(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(field * 8 + 1), eightBytes(value)])
}

function double(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + 1), doubleBytes(value)])
}

function eightBytes(value: bigint): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(value)
  return buffer
}

function doubleBytes(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeDoubleLE(value)
  return buffer
}

function varint(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128)
  return Buffer.from([...digits, rest])
}
