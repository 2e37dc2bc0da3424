import { expect, test } from 'vitest'
import { readLease } from '../../src/kubernetes/coordination/lease.ts'
import { handoverOf } from '../../src/runtime/handover.ts'
import { decideResume } from '../../src/runtime/resume-decision.ts'

const minuteMs = 60_000
const wallMs = Date.UTC(2026, 0, 1)

/** The decision when another start was resumed so long ago. */
function decideAfter(sinceMs: number | undefined) {
  const progress = {
    ...{ cluster: 'c', publishedAtMs: wallMs - minuteMs, fingerprint: 'f' },
    ...{ resources: new Map(), destinations: new Map() },
  }
  const annotations = {
    ...handoverOf({ lastTimestampMs: 1, progress }),
    ...(sinceMs === undefined ? {} : { 'kube-state-otlp/resumed-at': String(wallMs - sinceMs) }),
  }
  const lease = readLease({ metadata: { annotations } }, 15_000)
  return decideResume({ lease, cluster: 'c', fingerprint: 'f', wallMs }).kind
}

test.each([
  ['never', undefined, 'resume'],
  ['just now', 0, 'ordinary'],
  ['four minutes ago', 4 * minuteMs, 'ordinary'],
  ['five minutes ago', 5 * minuteMs, 'resume'],
  ['by a clock that is two minutes ahead', -2 * minuteMs, 'ordinary'],
  ['by a clock that was wrong by a day', -1440 * minuteMs, 'resume'],
])('a start after one that was resumed %s', (_when, sinceMs, expected) => {
  expect(decideAfter(sinceMs)).toBe(expected)
})
