/**
 * The protobuf descriptors that the receiver needs, written independently of the product's encoder so that wrong field
 * numbers are detected.
 */
import protobuf from 'protobufjs/light.js'

const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id })
const single = (type: string, id: number) => ({ type, id })

/** Histograms and summaries are only detected, not decoded: object state never uses them. */
const metricMessages = {
  ExportMetricsServiceRequest: { fields: { resourceMetrics: repeated('ResourceMetrics', 1) } },
  ResourceMetrics: { fields: { resource: single('Resource', 1), scopeMetrics: repeated('ScopeMetrics', 2) } },
  Resource: { fields: { attributes: repeated('KeyValue', 1) } },
  ScopeMetrics: { fields: { scope: single('Scope', 1), metrics: repeated('Metric', 2) } },
  Scope: { fields: { name: single('string', 1), version: single('string', 2), attributes: repeated('KeyValue', 3) } },
  Metric: {
    fields: {
      name: single('string', 1),
      description: single('string', 2),
      unit: single('string', 3),
      gauge: single('Gauge', 5),
      sum: single('Sum', 7),
      histogram: single('Unread', 9),
      exponentialHistogram: single('Unread', 10),
      summary: single('Unread', 11),
      metadata: repeated('KeyValue', 12),
    },
  },
  Unread: { fields: {} },
  Gauge: { fields: { dataPoints: repeated('NumberDataPoint', 1) } },
  Sum: {
    fields: {
      dataPoints: repeated('NumberDataPoint', 1),
      aggregationTemporality: single('int32', 2),
      isMonotonic: single('bool', 3),
    },
  },
  NumberDataPoint: {
    oneofs: { number: { oneof: ['asDouble', 'asInt'] } },
    fields: {
      startTimeUnixNano: single('fixed64', 2),
      timeUnixNano: single('fixed64', 3),
      asDouble: single('double', 4),
      asInt: single('sfixed64', 6),
      attributes: repeated('KeyValue', 7),
      flags: single('uint32', 8),
    },
  },
  KeyValue: { fields: { key: single('string', 1), value: single('AnyValue', 2) } },
  ArrayValue: { fields: { values: repeated('AnyValue', 1) } },
  AnyValue: {
    oneofs: { any: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue'] } },
    fields: {
      stringValue: single('string', 1),
      boolValue: single('bool', 2),
      intValue: single('int64', 3),
      doubleValue: single('double', 4),
      arrayValue: single('ArrayValue', 5),
    },
  },
}

const responseMessages = {
  ExportMetricsServiceResponse: { fields: { partialSuccess: single('PartialSuccess', 1) } },
  PartialSuccess: { fields: { rejectedDataPoints: single('int64', 1), errorMessage: single('string', 2) } },
  RpcStatus: { fields: { code: single('int32', 1), message: single('string', 2), details: repeated('Detail', 3) } },
  Detail: { fields: { typeUrl: single('string', 1), value: single('bytes', 2) } },
  RetryInfo: { fields: { retryDelay: single('Duration', 1) } },
  Duration: { fields: { seconds: single('int64', 1), nanos: single('int32', 2) } },
}

const root = protobuf.Root.fromJSON({ nested: { ...metricMessages, ...responseMessages } })

/** A 64-bit integer as decoded by protobufjs: two signed halves. */
export interface Halves {
  low: number
  high: number
}

/** The message type with that name. Throws if there is none. */
export const messageType = (name: keyof typeof metricMessages | keyof typeof responseMessages) => root.lookupType(name)

/** The two halves as one unsigned 64-bit integer; absent (proto3 default, a plain 0) is 0n. */
export const toUnsigned = (value: Halves | number | undefined): bigint => {
  if (value === undefined || typeof value === 'number') return BigInt(value ?? 0)
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0)
}

/** The two halves as one signed 64-bit integer. */
export const toSigned = (value: Halves | number | undefined): bigint => BigInt.asIntN(64, toUnsigned(value))
