/** The decoder reads messages of the OpenTelemetry SDK's exporter, and messages written by hand. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished, test } from 'vitest'
import type { DecodedResource } from '../../../simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../../simulator/otlp/metrics-decoder.ts'
import { createOtlpReceiver } from '../../../simulator/otlp/receiver.ts'
import { encodeRequest, gauges } from './requests.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('bytes written by hand from the specification', () => {
  const point = [
    '3a 0a 0a01 61 1205 0a03 c3a9 7a', // attributes: a = "éz"
    '19 0100000000000080', // time_unix_nano = 2^63 + 1
    '11 ffffffff00000000', // start_time_unix_nano
    '31 feffffffffffffff', // as_int = -2
  ]
  const pointBytes = hex(point.join(' '))
  const lengthOf = (bytes: Uint8Array) => Buffer.from([bytes.length])
  const field = (tag: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag]), lengthOf(body), body])
  }
  const sum = field(0x3a, field(0x0a, pointBytes), hex('1002 1801'))
  const metric = field(
    0x12,
    field(0x0a, Buffer.from('n')),
    field(0x12, Buffer.from('d')),
    field(0x1a, Buffer.from('u')),
    sum,
  )
  const bytes = field(0x0a, field(0x12, field(0x0a, field(0x0a, Buffer.from('s'))), metric))
  expect(decodeMetrics(bytes)).toEqual([
    {
      attributes: [],
      scopes: [
        {
          name: 's',
          version: '',
          attributes: [],
          metrics: [
            {
              name: 'n',
              description: 'd',
              unit: 'u',
              type: 'sum',
              monotonic: true,
              temporality: 'cumulative',
              metadata: [],
              points: [
                {
                  attributes: [['a', 'éz']],
                  timeUnixNano: 2n ** 63n + 1n,
                  startTimeUnixNano: 2n ** 32n - 1n,
                  value: -2,
                  noRecordedValue: false,
                },
              ],
            },
          ],
        },
      ],
    },
  ] satisfies DecodedResource[])
})

test('a repeated field that is split over the message is one list', () => {
  const halves = [gauges([['a', { timeMs: 1, value: 1 }]]), gauges([['b', { timeMs: 1, value: 2 }]])]
  const names = decodeMetrics(Buffer.concat(halves)).map(({ scopes }) => scopes[0]?.metrics[0]?.name)
  expect(names).toEqual(['a', 'b'])
})

test('attributes keep order, duplicates and their types; a point without a number is NaN', () => {
  const attributes = [
    { key: 'z', value: { stringValue: '1' } },
    { key: 'a', value: { intValue: { low: -1, high: -1, unsigned: false } } },
    { key: 'z', value: { boolValue: false } },
    { key: 'l', value: { arrayValue: { values: [{ doubleValue: 0.5 }, { stringValue: '' }] } } },
    { key: 'e', value: {} },
  ]
  const dataPoints = [{ attributes, flags: 1 }]
  const bytes = encodeRequest({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
  })
  const point = decodeMetrics(bytes)[0]?.scopes[0]?.metrics[0]?.points[0]
  expect(point?.attributes).toEqual([
    ['z', '1'],
    ['a', -1n],
    ['z', false],
    ['l', [0.5, '']],
    ['e', null],
  ])
  expect(point).toMatchObject({ value: Number.NaN, noRecordedValue: true, timeUnixNano: 0n })
})

test('malformed bytes throw', () => {
  expect(() => decodeMetrics(hex('0aff'))).toThrow()
})

test('messages of the OpenTelemetry SDK are decoded', async () => {
  const seen: DecodedResource[][] = []
  const receiver = await createOtlpReceiver({ faults: ({ decoded }) => void seen.push(decoded) })
  onTestFinished(() => receiver.close())
  const exporter = new OTLPMetricExporter({ url: `http://${receiver.grpcAddress}` })
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3600_000 })
  const resource = resourceFromAttributes({ 'service.name': 'sdk', 'service.instance.id': 'i', list: ['x', 'y'] })
  const provider = new MeterProvider({ resource, readers: [reader] })
  const meter = provider.getMeter('scope', '1.2')
  meter.createObservableGauge('temperature', { description: 'how warm', unit: 'Cel' }).addCallback((result) => {
    result.observe(-1.5, { room: 'a "b"', floor: 2 })
    result.observe(20, { room: 'c' })
  })
  meter.createCounter('hits_total').add(3, { path: '/' })
  meter.createUpDownCounter('open').add(-2)
  meter.createHistogram('seconds').record(1)
  await provider.forceFlush()
  await provider.shutdown()

  const [decoded] = seen[0] ?? []
  expect(decoded?.attributes).toEqual([
    ['service.name', 'sdk'],
    ['service.instance.id', 'i'],
    ['list', ['x', 'y']],
  ])
  const [scope] = decoded?.scopes ?? []
  expect(scope).toMatchObject({ name: 'scope', version: '1.2' })
  const [temperature, hits, open, seconds] = scope?.metrics ?? []
  expect(temperature).toMatchObject({ name: 'temperature', description: 'how warm', unit: 'Cel', type: 'gauge' })
  const [first, second] = temperature?.points ?? []
  expect(first).toMatchObject({
    value: -1.5,
    attributes: [
      ['room', 'a "b"'],
      ['floor', 2n],
    ],
    noRecordedValue: false,
  })
  expect(second).toMatchObject({ value: 20, attributes: [['room', 'c']] })
  expect(hits).toMatchObject({ type: 'sum', monotonic: true, temporality: 'cumulative' })
  expect(hits?.points).toMatchObject([{ value: 3, attributes: [['path', '/']] }])
  expect(hits?.points[0]?.startTimeUnixNano).toBeGreaterThan(1_600_000_000_000_000_000n)
  expect(open).toMatchObject({ type: 'sum', monotonic: false, points: [{ value: -2 }] })
  expect(seconds).toMatchObject({ name: 'seconds', type: 'other', points: [] })
  expect(receiver.liveSet.live({ job: 'sdk' })).toEqual(
    new Map([
      ['temperature{room="a \\"b\\"",floor="2"}', -1.5],
      ['temperature{room="c"}', 20],
      ['hits_total{path="/"}', 3],
      ['open', -2],
      ['target_info{list="[\\"x\\",\\"y\\"]"}', 1],
    ]),
  )
})
