// Owns what Prometheus 3 says to a sample: newer than the last one of its series, or refused. Refuses to change a series
// beyond noting what the running request has already said of it.
import type { Sample } from './series-index.ts'

/** What a live set has counted since it was created. */
export interface LiveSetCounters {
  requests: number
  /** Requests refused whole. */
  rejected: number
  /** Requests without a single point. */
  empty: number
  points: number
  staleMarkers: number
  bytes: number
  /** Points older than the last one of their series. */
  outOfOrder: number
  /** Points at the time of the last one of their series but with another value. */
  conflicting: number
  /** Points exactly as the last one of their series: harmless. */
  repeated: number
  /** Further points of one series within one request that are not newer: dropped. */
  duplicatesInRequest: number
  /** Stale markers that are not newer than the last sample: an error, and counted under its kind as well. */
  staleNotNewer: number
  /** Stale markers of series that were not alive. */
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

/** `take` it, `skip` it without harm, or the reason, worded as Prometheus does, for which the request is refused. */
export type SampleResult = 'accept' | 'skip' | { reason: string }

const refuse = ({ series, timeMs, value }: Sample, counters: LiveSetCounters): SampleResult => {
  const kind = timeMs < series.timeMs ? 'outOfOrder' : 'conflicting'
  counters[kind]++
  if (value === undefined) counters.staleNotNewer++
  const words = kind === 'outOfOrder' ? 'out of order sample' : 'duplicate sample for timestamp'
  return { reason: `${words}: ${series.text} at ${timeMs}, last at ${series.timeMs}` }
}

/** Judges a sample of the request of that number, and counts what is wrong with it. */
export const checkSample = (sample: Sample, request: number, counters: LiveSetCounters): SampleResult => {
  const { series, timeMs, value } = sample
  if (timeMs === series.timeMs && Object.is(value, series.value)) {
    counters.repeated++
    return 'skip'
  }
  if (timeMs <= series.timeMs) return refuse(sample, counters)
  if (series.pendingRequest === request && timeMs <= series.pendingMs) {
    counters.duplicatesInRequest++
    return 'skip'
  }
  series.pendingRequest = request
  series.pendingMs = timeMs
  return 'accept'
}
