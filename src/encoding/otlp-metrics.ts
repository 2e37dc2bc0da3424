/** Owns the bytes of OTLP's metric messages around the data points: prepared once per family and per resource. */

import type { AnyFamily } from '../families/family.ts'
import { encodeLabels, varintLength, writeVarint } from '../rows/label-bytes.ts'

export const resourceMetricsTag = 0x0a
export const scopeMetricsTag = 0x12
export const metricTag = 0x12
export const gaugeTag = 0x2a
export const sumTag = 0x3a
export const dataPointTag = 0x0a

/** Field 2, cumulative, and field 3, monotonic, of a Sum. */
export const cumulativeMonotonic = Uint8Array.of(0x10, 2, 0x18, 1)

const lengthDelimited = (tag: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(1 + varintLength(body.length) + body.length)
  bytes[0] = tag
  bytes.set(body, writeVarint(body.length, bytes, 1))
  return bytes
}

/** What stands in every Metric entry of a family: its name and description. */
export interface MetricHead {
  readonly bytes: Uint8Array
  readonly isSum: boolean
}

export function createMetricHead(family: AnyFamily): MetricHead {
  const name = lengthDelimited(0x0a, Buffer.from(family.name))
  const description = lengthDelimited(0x12, Buffer.from(family.help))
  return { bytes: new Uint8Array(Buffer.concat([name, description])), isSum: family.type === 'counter' }
}

/** Field 1 of ResourceMetrics: the resource with these string attributes, in order. */
export function encodeResource(attributes: Iterable<readonly [string, string]>): Uint8Array {
  // An attribute of a Resource is the same KeyValue as that of a data point, under field 1 in place of field 7.
  const parts: Uint8Array[] = []
  for (const attribute of attributes) {
    const bytes = encodeLabels([attribute])
    bytes[0] = 0x0a
    parts.push(bytes)
  }
  return lengthDelimited(0x0a, new Uint8Array(Buffer.concat(parts)))
}
