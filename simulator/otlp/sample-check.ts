/** Checks a sample as Prometheus 3 does: it must be newer than the last one of its series. */
import type { Sample } from './series-index.ts'

/** Totals of a live set since it was created. */
export interface LiveSetCounters {
  requests: number
  /** Requests that were rejected as a whole. */
  rejected: number
  /** Requests without points. */
  empty: number
  points: number
  staleMarkers: number
  bytes: number
  /** Points older than the last one of their series. */
  outOfOrder: number
  /** Points with the timestamp of the last one of their series but another value. */
  conflicting: number
  /** Points equal to the last one of their series, which are ignored. */
  repeated: number
  /** Points of a series that are not newer than an earlier one in the same request, which are dropped. */
  duplicatesInRequest: number
  /** Stale markers that are not newer than the last sample; also counted as out of order or conflicting. */
  staleNotNewer: number
  /** Stale markers for series that were not live. */
  staleOfUnknown: number
}

/** All counters at zero. */
export const noCounts = (): LiveSetCounters => ({
  requests: 0,
  rejected: 0,
  empty: 0,
  points: 0,
  staleMarkers: 0,
  bytes: 0,
  outOfOrder: 0,
  conflicting: 0,
  repeated: 0,
  duplicatesInRequest: 0,
  staleNotNewer: 0,
  staleOfUnknown: 0,
})

/** `accept`, `skip`, or the reason to reject the request, worded as in Prometheus. */
export type SampleResult = 'accept' | 'skip' | { reason: string }

const reject = ({ series, timeMs, value }: Sample, counters: LiveSetCounters): SampleResult => {
  const kind = timeMs < series.timeMs ? 'outOfOrder' : 'conflicting'
  counters[kind]++
  if (value === undefined) counters.staleNotNewer++
  const words = kind === 'outOfOrder' ? 'out of order sample' : 'duplicate sample for timestamp'
  return { reason: `${words}: ${series.text} at ${timeMs}, last at ${series.timeMs}` }
}

/** Checks a sample of the request with that number, and counts errors. */
export const checkSample = (sample: Sample, request: number, counters: LiveSetCounters): SampleResult => {
  const { series, timeMs, value } = sample
  if (timeMs === series.timeMs && Object.is(value, series.value)) {
    counters.repeated++
    return 'skip'
  }
  if (timeMs <= series.timeMs) return reject(sample, counters)
  if (series.pendingRequest === request && timeMs <= series.pendingMs) {
    counters.duplicatesInRequest++
    return 'skip'
  }
  series.pendingRequest = request
  series.pendingMs = timeMs
  return 'accept'
}
