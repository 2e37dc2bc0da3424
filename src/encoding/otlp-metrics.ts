/** The bytes of OTLP metric messages around the data points, prepared once per family and per resource. */

import type { AnyFamily } from '../families/family.ts'
import { encodeLabels, varintLength, writeVarint } from '../rows/label-bytes.ts'

export const resourceMetricsTag = 0x0a
export const scopeMetricsTag = 0x12
export const metricTag = 0x12
const gaugeTag = 0x2a
const sumTag = 0x3a
export const dataPointTag = 0x0a

/** The fields after the data points: 2 (cumulative) and 3 (monotonic) of a Sum, none of a Gauge. */
const dataEnds = {
  gauge: new Uint8Array(0),
  counter: Uint8Array.of(0x10, 2, 0x18, 1),
  info: Uint8Array.of(0x10, 2),
  stateset: Uint8Array.of(0x10, 2),
} as const

const metadataTag = 0x62

const lengthDelimited = (tag: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(1 + varintLength(body.length) + body.length)
  bytes[0] = tag
  bytes.set(body, writeVarint(body.length, bytes, 1))
  return bytes
}

/** The bytes that every Metric entry of a family shares: name, description, metadata, and the envelope of the data points. */
export interface MetricHead {
  readonly bytes: Uint8Array
  /** The tag of the Gauge or Sum with the data points. */
  readonly dataTag: number
  /** The bytes after the data points. */
  readonly dataEnd: Uint8Array
  /** Whether points have a start time. */
  readonly hasStart: boolean
}

/** Info and state sets are non-monotonic Sums whose metadata names the Prometheus type. */
export function createMetricHead({ name, help, type }: AnyFamily): MetricHead {
  const isPrometheusOnly = type === 'info' || type === 'stateset'
  const parts = [lengthDelimited(0x0a, Buffer.from(name)), lengthDelimited(0x12, Buffer.from(help))]
  if (isPrometheusOnly) parts.push(encodeKeyValue(metadataTag, 'prometheus.type', type))
  return {
    bytes: new Uint8Array(Buffer.concat(parts)),
    dataTag: type === 'gauge' ? gaugeTag : sumTag,
    dataEnd: dataEnds[type],
    hasStart: type === 'counter',
  }
}

/** A string KeyValue in a field other than the attributes of a data point. */
function encodeKeyValue(tag: number, key: string, value: string): Uint8Array {
  const bytes = encodeLabels([[key, value]])
  bytes[0] = tag
  return bytes
}

/** Field 1 of ResourceMetrics: the resource with these string attributes, in order. */
export function encodeResource(attributes: Iterable<readonly [string, string]>): Uint8Array {
  const parts = [...attributes].map(([key, value]) => encodeKeyValue(0x0a, key, value))
  return lengthDelimited(0x0a, new Uint8Array(Buffer.concat(parts)))
}
