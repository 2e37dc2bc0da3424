import { expect, test } from 'vitest'
import { readLease } from '../../src/kubernetes/coordination/lease.ts'
import { handoverOf, lastResumedMs, progressIn, timestampFloor } from '../../src/runtime/handover.ts'

const leaseOf = (holderIdentity: string, annotations: Record<string, string>, renewTime?: string) =>
  readLease({ metadata: { annotations }, spec: { holderIdentity, ...(renewTime && { renewTime }) } }, 15_000)

test('after a release timestamps continue above the last one, after a crash above all that may have been sent', () => {
  const published = handoverOf({ lastTimestampMs: 1_700_000_000_000, progress: undefined })
  const nowMs = 1_700_000_000_500
  expect(timestampFloor(leaseOf('', published), 10_000, nowMs)).toBe(1_700_000_000_000)
  expect(timestampFloor(leaseOf('pod-a', published), 10_000, nowMs)).toBe(1_700_000_010_000)
})

test('a leader that crashed may have sent its first request, or one after a long pause, since its last renewal', () => {
  const nowMs = Date.UTC(2026, 0, 1)
  const renewedAt = '2026-01-01T00:00:20.500000Z'
  const published = handoverOf({ lastTimestampMs: nowMs - 60_000, progress: undefined })
  for (const annotations of [{}, published]) {
    expect(timestampFloor(leaseOf('pod-a', annotations, renewedAt), 10_000, nowMs)).toBe(nowMs + 30_500)
  }
  expect(timestampFloor(leaseOf('', published, renewedAt), 10_000, nowMs)).toBe(nowMs - 60_000)
  expect(timestampFloor(leaseOf('pod-a', published, '2036-01-01T00:00:00.000000Z'), 10_000, nowMs)).toBe(nowMs - 50_000)
  expect(timestampFloor(leaseOf('pod-a', {}, 'soon'), 10_000, nowMs)).toBe(0)
})

test('a leader that has sent nothing publishes nothing', () => {
  expect(handoverOf({ lastTimestampMs: 0, progress: undefined })).toEqual({})
  expect(timestampFloor(leaseOf('', {}), 10_000, 1_700_000_000_000)).toBe(0)
})

test.each(['', 'soon', '-1', '1e300', 'Infinity', String(1_700_000_600_001)])(
  '%j is no timestamp to continue',
  (text) => {
    const lease = leaseOf('', { 'kube-state-otlp/last-timestamp': text })
    expect(timestampFloor(lease, 10_000, 1_700_000_000_000)).toBe(0)
  },
)

const progress = { cluster: 'c', publishedAtMs: 1, fingerprint: 'f', resources: new Map(), destinations: new Map() }

test('the progress of deliveries is read as it was published, and nothing else is', () => {
  const published = handoverOf({ lastTimestampMs: 0, progress })
  expect(progressIn({ annotations: published })).toEqual(progress)
  expect(progressIn({ annotations: {} })).toBeUndefined()
})

test('progress that does not fit into a Lease replaces the one that is no longer true', () => {
  const resources = new Map(Array.from({ length: 9000 }, (_, i) => [`v1/things-${i}`, 'fingerprint']))
  const published = handoverOf({ lastTimestampMs: 0, progress: { ...progress, resources } })
  expect(published).toEqual({ 'kube-state-otlp/acknowledged': '' })
  expect(progressIn({ annotations: published })).toBeUndefined()
})

test('when a process last resumed', () => {
  expect(lastResumedMs({ annotations: {} })).toBeUndefined()
  expect(lastResumedMs({ annotations: { 'kube-state-otlp/resumed-at': 'x' } })).toBeUndefined()
  expect(lastResumedMs({ annotations: { 'kube-state-otlp/resumed-at': '1700000000000' } })).toBe(1_700_000_000_000)
})
