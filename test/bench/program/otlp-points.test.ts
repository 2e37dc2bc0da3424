/** Counting of points, on requests encoded by protobufjs. */

import { describe, expect, it } from 'vitest'
import { countPoints } from '../../../bench/program/otlp-points.ts'
import { messageType } from '../../../simulator/otlp/message-types.ts'

const encode = (metrics: object[]) =>
  Buffer.from(
    messageType('ExportMetricsServiceRequest')
      .encode({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }, { scopeMetrics: [{ metrics: [] }, {}] }] })
      .finish(),
  )

const attributes = [{ key: 'pod', value: { stringValue: 'a' } }]

describe('countPoints', () => {
  it('counts the points of gauges and sums, stale markers among them, and finds the values of one metric', () => {
    const request = encode([
      { name: 'a', gauge: { dataPoints: [{ asDouble: 7, attributes }, { flags: 1 }] } },
      { name: 'wanted', sum: { dataPoints: [{ asDouble: 1_000_001 }, { asInt: 5 }, { flags: 1 }], isMonotonic: true } },
      { name: 'wanted', gauge: { dataPoints: [{ timeUnixNano: 1_700_000_000, asInt: 1_000_002, attributes }] } },
      { name: 'summary', summary: {} },
    ])
    expect(countPoints(request, 'wanted')).toEqual({ points: 6, stale: 2, values: [1_000_001, 5, 1_000_002] })
    expect(countPoints(request, 'a').values).toEqual([7])
  })

  it('finds the name of a metric behind its points, where a Collector may write it', () => {
    const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
    const value = Buffer.alloc(9, 0)
    value.writeUInt8(4 * 8 + 1)
    value.writeDoubleLE(1_000_001, 1)
    const metric = Buffer.concat([field(5, field(1, value)), field(1, Buffer.from('wanted'))])
    const request = field(1, field(2, field(2, metric)))
    expect(countPoints(request, 'wanted')).toEqual({ points: 1, stale: 0, values: [1_000_001] })
  })

  it('finds nothing in an empty request', () => {
    expect(countPoints(Buffer.alloc(0), 'a')).toEqual({ points: 0, stale: 0, values: [] })
  })

  it('rejects a request that is cut off', () => {
    const request = encode([{ name: 'a', gauge: { dataPoints: [{ asDouble: 7 }] } }])
    expect(() => countPoints(request.subarray(0, request.length - 3), 'a')).toThrow('ends within a field')
    expect(() => countPoints(Buffer.from([0x80]), 'a')).toThrow('ends within a number')
    expect(() => countPoints(Buffer.from([0x0b]), 'a')).toThrow('wire type 3')
  })
})
