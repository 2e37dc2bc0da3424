/** Decodes an OTLP ExportMetricsServiceRequest to plain objects, with protobufjs and independently of the product's encoder. */
import type { Halves } from './message-types.ts'
import { messageType, toSigned, toUnsigned } from './message-types.ts'

/** The value of an attribute. Maps and bytes, which object state never uses, are decoded as null. */
export type AttributeValue = string | boolean | bigint | number | null | AttributeValue[]

/** Attributes in the encoded order, duplicates included. */
export type Attributes = [key: string, value: AttributeValue][]

export interface DecodedPoint {
  attributes: Attributes
  timeUnixNano: bigint
  startTimeUnixNano: bigint
  /** NaN if the point has no value, as with the flag "no recorded value". */
  value: number
  noRecordedValue: boolean
}

export interface DecodedMetric {
  name: string
  description: string
  unit: string
  /** `other` is a histogram or a summary; its points are not decoded. */
  type: 'gauge' | 'sum' | 'other'
  /** False for gauges. */
  monotonic: boolean
  temporality: 'unspecified' | 'delta' | 'cumulative'
  metadata: Attributes
  points: DecodedPoint[]
}

export interface DecodedScope {
  name: string
  version: string
  attributes: Attributes
  metrics: DecodedMetric[]
}

export interface DecodedResource {
  attributes: Attributes
  scopes: DecodedScope[]
}

interface WireAny {
  any?: string
  stringValue?: string
  boolValue?: boolean
  intValue?: Halves
  doubleValue?: number
  arrayValue?: { values: WireAny[] }
}
type WireAttributes = { key: string; value?: WireAny }[]
interface WirePoint {
  number?: string
  startTimeUnixNano: Halves | number
  timeUnixNano: Halves | number
  asDouble: number
  asInt: Halves
  attributes: WireAttributes
  flags: number
}
interface WireMetric {
  name: string
  description: string
  unit: string
  gauge?: { dataPoints: WirePoint[] }
  sum?: { dataPoints: WirePoint[]; aggregationTemporality: number; isMonotonic: boolean }
  metadata: WireAttributes
}
interface WireScope {
  scope?: { name: string; version: string; attributes: WireAttributes }
  metrics: WireMetric[]
}
interface WireRequest {
  resourceMetrics: { resource?: { attributes: WireAttributes }; scopeMetrics: WireScope[] }[]
}

const requestType = messageType('ExportMetricsServiceRequest')
const noRecordedValueFlag = 1
const temporalities = ['unspecified', 'delta', 'cumulative'] as const

const readValue = (wire: WireAny | undefined): AttributeValue => {
  switch (wire?.any) {
    case 'stringValue':
      return wire.stringValue ?? ''
    case 'boolValue':
      return wire.boolValue ?? false
    case 'intValue':
      return toSigned(wire.intValue)
    case 'doubleValue':
      return wire.doubleValue ?? 0
    case 'arrayValue':
      return (wire.arrayValue?.values ?? []).map(readValue)
    default:
      return null
  }
}

const readAttributes = (wire: WireAttributes | undefined): Attributes =>
  (wire ?? []).map(({ key, value }) => [key, readValue(value)])

const readNumber = (wire: WirePoint): number => {
  if (wire.number === 'asDouble') return wire.asDouble
  return wire.number === 'asInt' ? Number(toSigned(wire.asInt)) : Number.NaN
}

const readPoint = (wire: WirePoint): DecodedPoint => ({
  attributes: readAttributes(wire.attributes),
  timeUnixNano: toUnsigned(wire.timeUnixNano),
  startTimeUnixNano: toUnsigned(wire.startTimeUnixNano),
  value: readNumber(wire),
  noRecordedValue: (wire.flags & noRecordedValueFlag) !== 0,
})

const readMetric = (wire: WireMetric): DecodedMetric => {
  const { name, description, unit, gauge, sum } = wire
  return {
    name,
    description,
    unit,
    type: gauge ? 'gauge' : sum ? 'sum' : 'other',
    monotonic: sum?.isMonotonic ?? false,
    temporality: temporalities[sum?.aggregationTemporality ?? 0] ?? 'unspecified',
    metadata: readAttributes(wire.metadata),
    points: (gauge ?? sum)?.dataPoints.map(readPoint) ?? [],
  }
}

const readScope = ({ scope, metrics }: WireScope): DecodedScope => ({
  name: scope?.name ?? '',
  version: scope?.version ?? '',
  attributes: readAttributes(scope?.attributes),
  metrics: metrics.map(readMetric),
})

/** The resources of one uncompressed ExportMetricsServiceRequest, in the encoded order. Throws on malformed bytes. */
export const decodeMetrics = (bytes: Uint8Array): DecodedResource[] => {
  const request = requestType.decode(bytes) as unknown as WireRequest
  return request.resourceMetrics.map(({ resource, scopeMetrics }) => ({
    attributes: readAttributes(resource?.attributes),
    scopes: scopeMetrics.map(readScope),
  }))
}
