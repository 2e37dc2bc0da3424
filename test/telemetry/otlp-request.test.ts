/** Self-metrics on the wire, read back by protobufjs from the message types as OpenTelemetry publishes them. */
import type { MetricData } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { encodeRequest } from '../../src/telemetry/otlp-request.ts'

const messageTypes = protobuf.parse(
  `syntax = "proto3";
  message Request { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Scope { string name = 1; string version = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; } }
  message Metric {
    string name = 1; string description = 2; string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  }
  message Gauge { repeated NumberPoint data_points = 1; }
  message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
  message NumberPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated KeyValue attributes = 7; uint32 flags = 8;
  }
  message HistogramPoint {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
    repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; uint32 flags = 10;
  }`,
  { keepCase: true },
).root

const decode = (bytes: Buffer) =>
  messageTypes.lookupType('Request').toObject(messageTypes.lookupType('Request').decode(bytes), { longs: String })

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE })
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** One of each instrument that self-telemetry has, as the SDK collects them. */
async function collectEach(): Promise<MetricData[]> {
  const reader = new Reader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  meter.createObservableGauge('a_gauge', { description: 'Some help.' }).addCallback((result) => {
    result.observe(0.5, { cluster: 'own' })
  })
  meter.createObservableCounter('a_total').addCallback((result) => {
    result.observe(3, { result: 'error' })
    result.observe(70_000)
  })
  const histogram = meter.createHistogram('a_seconds', { advice: { explicitBucketBoundaries: [0.1, 1] } })
  for (const seconds of [0.05, 0.5, 300]) histogram.record(seconds, { handler: 'metrics' })
  const { resourceMetrics } = await reader.collect()
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
}

const label = (key: string, value: string) => ({ key, value: { string_value: value } })
const cluster = label('cluster', 'prod')
const time = { time_unix_nano: '1700000000123000000' }
const started = { start_time_unix_nano: expect.stringMatching(/^[1-9]\d{18}$/) }

async function decodeEach(stale: boolean) {
  const content = {
    resource: new Map([['service.name', 'x']]),
    scope: 'self',
    metrics: await collectEach(),
    constantLabels: new Map([['cluster', 'prod']]),
  }
  const request = decode(encodeRequest(content, { timeMs: 1_700_000_000_123, stale }))
  const [{ resource, scope_metrics: scopes }] = request.resource_metrics
  expect(resource).toEqual({ attributes: [label('service.name', 'x')] })
  expect(scopes).toHaveLength(1)
  expect(scopes[0].scope.name).toBe('self')
  return scopes[0].metrics
}

test('gauges, counters and histograms have their values, times and labels', async () => {
  expect(await decodeEach(false)).toEqual([
    {
      name: 'a_gauge',
      description: 'Some help.',
      gauge: { data_points: [{ ...time, as_double: 0.5, attributes: [label('cluster', 'own')] }] },
    },
    {
      name: 'a_total',
      sum: {
        aggregation_temporality: 2,
        is_monotonic: true,
        data_points: [
          { ...time, ...started, as_double: 3, attributes: [label('result', 'error'), cluster] },
          { ...time, ...started, as_double: 70_000, attributes: [cluster] },
        ],
      },
    },
    {
      name: 'a_seconds',
      histogram: {
        aggregation_temporality: 2,
        data_points: [
          {
            ...time,
            ...started,
            count: '3',
            sum: 300.55,
            bucket_counts: ['1', '1', '1'],
            explicit_bounds: [0.1, 1],
            attributes: [label('handler', 'metrics'), cluster],
          },
        ],
      },
    },
  ])
})

test('a stale marker has flags and no value, in a Metric entry of its own', async () => {
  const metrics = await decodeEach(true)
  expect(metrics.map(({ name }: { name: string }) => name)).toEqual(['a_gauge', 'a_total', 'a_total', 'a_seconds'])
  const marker = { ...time, flags: 1 }
  expect(metrics[0].gauge.data_points).toEqual([{ ...marker, attributes: [label('cluster', 'own')] }])
  expect(metrics[2].sum.data_points).toEqual([{ ...marker, ...started, attributes: [cluster] }])
  expect(metrics[3].histogram.data_points).toEqual([
    { ...marker, ...started, attributes: [label('handler', 'metrics'), cluster] },
  ])
})

test('kinds of data that no instrument of ours has are left out', () => {
  const exponential = {
    descriptor: { name: 'x', description: '', unit: '', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    dataPoints: [],
  } as MetricData
  const content = { resource: [], metrics: [exponential], constantLabels: new Map() }
  expect(decode(encodeRequest(content, { timeMs: 1, stale: false })).resource_metrics[0].scope_metrics).toEqual([{}])
})
