/** The live set accepts and rejects samples like Prometheus 3. */
import { expect, test } from 'vitest'
import type { Arrival, LiveSetOptions } from '../../../simulator/otlp/live-set.ts'
import { createLiveSet } from '../../../simulator/otlp/live-set.ts'
import { decodeMetrics } from '../../../simulator/otlp/metrics-decoder.ts'
import type { TestMetric } from './requests.ts'
import { encodeRequest, gauges } from './requests.ts'

const createSubject = (options: LiveSetOptions = {}) => {
  const set = createLiveSet(options)
  const apply = (metrics: TestMetric[], resource?: Record<string, string>) => {
    const bytes = gauges(metrics, resource)
    return set.apply(decodeMetrics(bytes), bytes.length)
  }
  const live = () => Object.fromEntries(set.live())
  return { set, apply, live }
}

const labels = { namespace: 'n', pod: 'p' }
const text = 'm{namespace="n",pod="p"}'

test('a series is live from its first sample to its stale marker, and again with the next sample', () => {
  const { set, apply, live } = createSubject()
  apply([['m', { labels, timeMs: 1, value: 5 }]])
  expect(live()).toEqual({ [text]: 5 })
  apply([['m', { labels, timeMs: 2, value: 0 }]])
  expect(live()).toEqual({ [text]: 0 })
  apply([['m', { labels, timeMs: 3 }]])
  expect(live()).toEqual({})
  expect(set.size).toBe(0)
  apply([['m', { labels, timeMs: 4, value: 1 }]])
  expect(live()).toEqual({ [text]: 1 })
  expect(set.counters).toMatchObject({ requests: 4, points: 4, staleMarkers: 1, rejected: 0, staleOfUnknown: 0 })
})

test.each([
  ['older', { timeMs: 9, value: 5 }, { outOfOrder: 1 }, 'out of order sample'],
  [
    'of the same time with another value',
    { timeMs: 10, value: 6 },
    { conflicting: 1 },
    'duplicate sample for timestamp',
  ],
  ['a stale marker of the same time', { timeMs: 10 }, { conflicting: 1, staleNotNewer: 1 }, 'duplicate sample'],
  ['an older stale marker', { timeMs: 9 }, { outOfOrder: 1, staleNotNewer: 1 }, 'out of order sample'],
])('one sample that is %s refuses the whole request', (_what, point, counts, reason) => {
  const { set, apply, live } = createSubject()
  apply([['m', { labels, timeMs: 10, value: 5 }]])
  const outcome = apply([
    ['first', { timeMs: 11, value: 1 }],
    ['m', { labels, ...point }],
  ])
  expect(outcome).toEqual({ accepted: false, reason: expect.stringContaining(reason) })
  expect(live()).toEqual({ [text]: 5 })
  expect(set.counters).toMatchObject({ rejected: 1, ...counts })
  expect(
    apply([
      ['first', { timeMs: 11, value: 1 }],
      ['m', { labels, timeMs: 11, value: 7 }],
    ]),
  ).toEqual({ accepted: true })
})

test('in lenient mode only the invalid sample is dropped', () => {
  const { set, apply, live } = createSubject({ strict: false })
  apply([['m', { labels, timeMs: 10, value: 5 }]])
  expect(
    apply([
      ['first', { timeMs: 11, value: 1 }],
      ['m', { labels, timeMs: 9, value: 6 }],
    ]),
  ).toEqual({ accepted: true })
  expect(live()).toEqual({ first: 1, [text]: 5 })
  expect(set.counters).toMatchObject({ rejected: 0, outOfOrder: 1 })
})

test('a repeated sample is ignored, also a stale marker', () => {
  const { set, apply, live } = createSubject()
  for (const point of [{ timeMs: 1, value: 5 }, { timeMs: 1, value: 5 }, { timeMs: 2 }, { timeMs: 2 }]) {
    expect(apply([['m', { labels, ...point }]])).toEqual({ accepted: true })
  }
  expect(live()).toEqual({})
  expect(set.counters).toMatchObject({ repeated: 2, staleNotNewer: 0, staleMarkers: 2 })
})

test('of two samples in one request the first is kept, unless the second is newer', () => {
  const { set, apply, live } = createSubject()
  apply([['m', { labels, timeMs: 5, value: 1 }, { labels, timeMs: 5, value: 2 }]])
  expect(live()).toEqual({ [text]: 1 })
  expect(set.counters.duplicatesInRequest).toBe(1)
  apply([['m', { labels, timeMs: 6, value: 3 }, { labels, timeMs: 7, value: 4 }]])
  expect(live()).toEqual({ [text]: 4 })
  expect(set.counters.duplicatesInRequest).toBe(1)
})

test('a sample after a stale marker must be newer than the marker', () => {
  const { apply, live } = createSubject()
  apply([['m', { labels, timeMs: 1, value: 5 }]])
  apply([['m', { labels, timeMs: 3 }]])
  expect(apply([['m', { labels, timeMs: 2, value: 5 }]])).toMatchObject({ accepted: false })
  expect(live()).toEqual({})
})

test('order of labels and empty labels do not make another series, another target does', () => {
  const { set, apply } = createSubject()
  apply([['m', { labels: { b: '1', a: '2' }, timeMs: 1, value: 1 }]])
  apply([['m', { labels: { a: '2', empty: '', b: '1' }, timeMs: 2, value: 2 }]])
  expect(Object.fromEntries(set.live())).toEqual({ 'm{b="1",a="2"}': 2 })
  apply([['m', { labels: { b: '1', a: '2' }, timeMs: 1, value: 3 }]], { 'service.name': 'x', 'service.namespace': 'y' })
  expect(set.size).toBe(2)
  expect(set.live({ job: 'y/x' })).toEqual(new Map([['m{b="1",a="2"}', 3]]))
  expect(set.live({ job: 'kube-state-metrics', instance: 'uid-1' })).toEqual(new Map([['m{b="1",a="2"}', 2]]))
  expect(set.targets()).toEqual([
    { job: 'kube-state-metrics', instance: 'uid-1' },
    { job: 'y/x', instance: '' },
  ])
})

test('label values are escaped as in Prometheus text', () => {
  const { apply, live } = createSubject()
  apply([['m', { labels: { a: 'back\\slash "quoted"\nline' }, timeMs: 1, value: 1 }]])
  expect(Object.keys(live())).toEqual(['m{a="back\\\\slash \\"quoted\\"\\nline"}'])
})

test('other resource attributes give target_info, which causes an older request from elsewhere to be rejected', () => {
  const { set, apply } = createSubject()
  const resource = { 'service.name': 'x', 'host.name': 'h' }
  expect(apply([['a', { timeMs: 5, value: 1 }]], resource)).toEqual({ accepted: true })
  expect(set.live()).toEqual(
    new Map([
      ['a', 1],
      ['target_info{host_name="h"}', 1],
    ]),
  )
  expect(apply([['b', { timeMs: 4, value: 1 }]], resource)).toMatchObject({ accepted: false })
  expect(set.counters.points).toBe(2)
})

test('target_info is written at the oldest and the newest time of a request', () => {
  const { apply } = createSubject()
  const resource = { 'service.name': 'x', 'host.name': 'h' }
  expect(apply([['a', { timeMs: 5, value: 1 }]], resource)).toEqual({ accepted: true })
  const outcome = apply(
    [
      ['b', { timeMs: 6, value: 1 }],
      ['c', { timeMs: 4, value: 1 }],
    ],
    resource,
  )
  expect(outcome).toEqual({ accepted: false, reason: expect.stringContaining('target_info') })
})

test('an instant query looks back five minutes, open at the far end', () => {
  const { set, apply } = createSubject()
  apply([
    ['old', { timeMs: 1000, value: 1 }],
    ['new', { timeMs: 1001, value: 2 }],
  ])
  expect(set.instantaneous(301_000)).toEqual(new Map([['new', 2]]))
  expect(set.instantaneous(300_999).size).toBe(2)
  expect(set.live().size).toBe(2)
})

test('each committed sample is reported, none of a rejected request', () => {
  const arrivals: Arrival[] = []
  const { apply } = createSubject({ now: () => 77, onArrival: (arrival) => arrivals.push(arrival) })
  for (const point of [{ timeMs: 1, value: 5 }, { timeMs: 2, value: 5 }, { timeMs: 3, value: 6 }, { timeMs: 4 }]) {
    apply([['m', { labels, ...point }]])
  }
  apply([
    ['other', { timeMs: 1, value: 1 }],
    ['m', { labels, timeMs: 1, value: 1 }],
  ])
  expect(arrivals.map(({ change, previous, value }) => [change, previous, value])).toEqual([
    ['appeared', undefined, 5],
    ['refreshed', 5, 5],
    ['changed', 5, 6],
    ['ended', 6, undefined],
  ])
  expect(arrivals[0]).toMatchObject({ series: text, name: 'm', job: 'kube-state-metrics', timeMs: 1, arrivedMs: 77 })
})

test('requests without points are counted as empty, bytes are added up', () => {
  const { set, apply } = createSubject()
  set.apply([])
  apply([])
  expect(set.counters).toMatchObject({ requests: 2, empty: 2, points: 0 })
  expect(set.counters.bytes).toBe(gauges([]).length)
})

test('an ended series is removed after a while, a live one never', () => {
  let nowMs = 0
  const { set, apply } = createSubject({ now: () => nowMs, forgetAfterMs: 1000 })
  apply([
    ['gone', { timeMs: 10, value: 1 }],
    ['stays', { timeMs: 10, value: 1 }],
  ])
  apply([['gone', { timeMs: 20 }]])
  nowMs = 999
  apply([])
  expect(apply([['gone', { timeMs: 5, value: 2 }]])).toMatchObject({ accepted: false })
  nowMs = 1000
  apply([])
  expect(apply([['gone', { timeMs: 5, value: 2 }]])).toEqual({ accepted: true })
  expect(apply([['stays', { timeMs: 5, value: 2 }]])).toMatchObject({ accepted: false })
  expect(set.size).toBe(2)
})

test('every violation of a wire rule is reported', () => {
  const point = { timeUnixNano: { low: 1, high: 0, unsigned: true }, asDouble: 1 }
  const twice = ['a', 'a'].map((key) => ({ key, value: { stringValue: 'x' } }))
  const metrics = [
    { name: 'unit', unit: 's', gauge: { dataPoints: [point] } },
    { name: 'started', gauge: { dataPoints: [{ ...point, startTimeUnixNano: { low: 1, high: 0, unsigned: true } }] } },
    { name: 'shared', gauge: { dataPoints: [point, { ...point, attributes: twice.slice(1), flags: 1 }] } },
    { name: 'delta', sum: { dataPoints: [point], aggregationTemporality: 1 } },
    { name: 'none', gauge: {} },
    { name: 'timeless', gauge: { dataPoints: [{ asDouble: 1 }] } },
    { name: 'valueless', gauge: { dataPoints: [{ timeUnixNano: { low: 2, high: 0, unsigned: true } }] } },
    { name: 'twice', gauge: { dataPoints: [{ ...point, attributes: twice }] } },
    { name: 'number', gauge: { dataPoints: [{ ...point, attributes: [{ key: 'a', value: { doubleValue: 1 } }] }] } },
    { name: 'shape', histogram: {} },
    { gauge: { dataPoints: [point] } },
  ]
  const request = decodeMetrics(
    encodeRequest({ resourceMetrics: [{ scopeMetrics: [{ scope: { name: 'sc' }, metrics }] }] }),
  )
  const set = createLiveSet()
  set.apply(request)
  set.apply(request)
  expect(Object.fromEntries(set.problems)).toEqual({
    'scope "sc" would become labels': 2,
    'unit: unit "s" would be appended to the name': 2,
    'started: a gauge with a start time': 2,
    'shared: a stale marker shares its Metric entry': 2,
    'delta: a sum that is not cumulative': 2,
    'none: a Metric entry without points': 2,
    'timeless: a point without a time': 2,
    'valueless: a point without a value': 2,
    'twice: label a appears twice on one point': 2,
    'number: label a is not a string': 2,
    'shape: neither gauge nor sum': 2,
    'shape: a Metric entry without points': 2,
    'a metric without a name': 2,
  })
  const unchecked = createLiveSet({ checks: (job) => job !== '' })
  unchecked.apply(request)
  expect(unchecked.problems.size).toBe(0)
})
