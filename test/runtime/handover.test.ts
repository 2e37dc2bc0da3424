import { expect, test } from 'vitest'
import { readLease } from '../../src/kubernetes/coordination/lease.ts'
import { handoverOf, timestampFloor } from '../../src/runtime/handover.ts'

const leaseOf = (holderIdentity: string, annotations: Record<string, string>) =>
  readLease({ metadata: { annotations }, spec: { holderIdentity } }, 15_000)

test('after a release timestamps continue above the last one, after a crash above all that may have been sent', () => {
  const published = handoverOf(1_700_000_000_000)
  const nowMs = 1_700_000_000_500
  expect(timestampFloor(leaseOf('', published), 10_000, nowMs)).toBe(1_700_000_000_000)
  expect(timestampFloor(leaseOf('pod-a', published), 10_000, nowMs)).toBe(1_700_000_010_000)
})

test('a leader that has sent nothing publishes nothing', () => {
  expect(handoverOf(0)).toEqual({})
  expect(timestampFloor(leaseOf('', {}), 10_000, 1_700_000_000_000)).toBe(0)
})

test.each(['', 'soon', '-1', '1e300', 'Infinity', String(1_700_000_600_001)])(
  '%j is no timestamp to continue',
  (text) => {
    const lease = leaseOf('', { 'kube-state-otlp/last-timestamp': text })
    expect(timestampFloor(lease, 10_000, 1_700_000_000_000)).toBe(0)
  },
)
