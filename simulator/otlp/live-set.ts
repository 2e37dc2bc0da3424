/**
 * The state that Prometheus 3 would have after receiving the requests over OTLP: each series, its last sample, and
 * whether it is live. Requests are rejected as a whole for the same reasons as in Prometheus.
 */
import type { Attributes, DecodedResource } from './metrics-decoder.ts'
import type { LiveSetCounters } from './sample-check.ts'
import { checkSample, noCounts } from './sample-check.ts'
import type { KnownTarget, Sample, Series } from './series-index.ts'
import { createSeriesIndex, lookbackMs } from './series-index.ts'
import { targetOf } from './series-names.ts'
import { checkWireRules } from './wire-rules.ts'

/** One accepted sample, reported once its request is committed. */
export interface Arrival {
  /** The series in text form, with labels as received, without job and instance. */
  series: string
  name: string
  attributes: Attributes
  job: string
  instance: string
  /** The timestamp of the sample and the time of its arrival, both in Unix milliseconds. */
  timeMs: number
  arrivedMs: number
  /** Undefined for a stale marker. */
  value: number | undefined
  /** Undefined if the series was not live. */
  previous: number | undefined
  change: 'appeared' | 'changed' | 'refreshed' | 'ended'
}

export interface LiveSetOptions {
  /** Reject a whole request for one invalid sample, as Prometheus does (default). Otherwise drop invalid samples. */
  strict?: boolean
  now?: () => number
  onArrival?: (arrival: Arrival) => void
  /** The jobs whose requests are checked against the wire rules; all by default. */
  checks?: (job: string) => boolean
  /** How long the last timestamp of an ended series is kept; 2 h by default, like the head block of Prometheus. */
  forgetAfterMs?: number
}

/** Selects series by exact job and instance. */
export interface LiveFilter {
  job?: string
  instance?: string
}

/** The result of a request; the reason is worded as in Prometheus. */
export type ApplyOutcome = { accepted: true } | { accepted: false; reason: string }

export interface LiveSet {
  /** Applies one request, in strict mode entirely or not at all. `bytes` is only counted. */
  apply(resources: DecodedResource[], bytes?: number): ApplyOutcome
  /** The live series as text, with their values. Equal texts of several targets are merged unless filtered. */
  live(filter?: LiveFilter): Map<string, number>
  /** Like `live`, limited to the result of an instant query at `atMs`: samples of the previous 5 minutes. */
  instantaneous(atMs?: number, filter?: LiveFilter): Map<string, number>
  /** The job and instance of all targets so far. */
  targets(): { job: string; instance: string }[]
  /** Number of live series, `target_info` included. */
  readonly size: number
  readonly counters: Readonly<LiveSetCounters>
  /** Violations of the wire rules with their number of occurrences; at most 100 different ones. */
  readonly problems: ReadonlyMap<string, number>
}

const maxProblems = 100

const changeOf = (previous: number | undefined, value: number | undefined): Arrival['change'] => {
  if (value === undefined) return 'ended'
  if (previous === undefined) return 'appeared'
  return Object.is(previous, value) ? 'refreshed' : 'changed'
}

const arrivalOf = (sample: Sample, previous: number | undefined, arrivedMs: number): Arrival => {
  const { name, attributes, timeMs, value } = sample
  const { text: series, target } = sample.series
  const { job, instance } = target
  return {
    series,
    name,
    attributes,
    job,
    instance,
    timeMs,
    arrivedMs,
    value,
    previous,
    change: changeOf(previous, value),
  }
}

const matches = ({ job, instance }: KnownTarget, filter: LiveFilter): boolean =>
  (filter.job === undefined || filter.job === job) && (filter.instance === undefined || filter.instance === instance)

const isPoint = ({ name }: Sample): boolean => name !== 'target_info'

/** Stores accepted samples; calls `forgotten` for series that ended more than `forgetAfterMs` ago. */
const createSampleStorage = (counters: LiveSetCounters, forgetAfterMs: number, forgotten: (series: Series) => void) => {
  const endedAtMs = new Map<Series, number>()
  let size = 0
  return {
    size: () => size,
    /** Returns the previous value, undefined if the series was not live. */
    commit({ series, timeMs, value }: Sample, nowMs: number): number | undefined {
      const previous = series.value
      endedAtMs.delete(series)
      if (value === undefined) endedAtMs.set(series, nowMs)
      if (value === undefined && previous === undefined) counters.staleOfUnknown++
      size += Number(value !== undefined) - Number(previous !== undefined)
      series.value = value
      series.timeMs = timeMs
      return previous
    },
    forgetOld(nowMs: number): void {
      for (const [series, atMs] of endedAtMs) {
        if (atMs > nowMs - forgetAfterMs) return
        endedAtMs.delete(series)
        forgotten(series)
      }
    },
  }
}

const createProblems = () => {
  const problems = new Map<string, number>()
  const report = (problem: string): void => {
    const count = problems.get(problem)
    if (count !== undefined || problems.size < maxProblems) problems.set(problem, (count ?? 0) + 1)
  }
  return { problems, report }
}

/** An empty live set. */
export const createLiveSet = (options: LiveSetOptions = {}): LiveSet => {
  const { strict = true, now = Date.now, onArrival, checks = () => true, forgetAfterMs = 2 * 3600_000 } = options
  const counters = noCounts()
  const { problems, report } = createProblems()
  const index = createSeriesIndex()
  const storage = createSampleStorage(counters, forgetAfterMs, index.forget)

  /** The samples to commit, and the first reason to reject the request. */
  const checkSamples = (resources: DecodedResource[]): { accepted: Sample[]; reason: string | undefined } => {
    const accepted: Sample[] = []
    let reason: string | undefined
    for (const sample of resources.flatMap((resource) => [...index.samplesOf(resource)])) {
      const result = checkSample(sample, counters.requests, counters)
      if (result === 'accept') accepted.push(sample)
      else if (result !== 'skip') reason ??= result.reason
      if (isPoint(sample)) counters.points++
      if (sample.value === undefined) counters.staleMarkers++
    }
    return { accepted, reason }
  }

  const select = (filter: LiveFilter, sinceMs: number): Map<string, number> => {
    const selected = new Map<string, number>()
    for (const { text, target, value, timeMs } of index.series()) {
      if (value !== undefined && timeMs > sinceMs && matches(target, filter)) selected.set(text, value)
    }
    return selected
  }

  const apply = (resources: DecodedResource[], bytes = 0): ApplyOutcome => {
    counters.requests++
    counters.bytes += bytes
    const pointsBefore = counters.points
    const { accepted, reason } = checkSamples(resources)
    if (counters.points === pointsBefore) counters.empty++
    for (const resource of resources) if (checks(targetOf(resource).job)) checkWireRules(resource, report)
    if (strict && reason !== undefined) {
      counters.rejected++
      return { accepted: false, reason }
    }
    const arrivedMs = now()
    for (const sample of accepted) {
      const previous = storage.commit(sample, arrivedMs)
      onArrival?.(arrivalOf(sample, previous, arrivedMs))
    }
    storage.forgetOld(arrivedMs)
    return { accepted: true }
  }

  return {
    counters,
    problems,
    get size() {
      return storage.size()
    },
    targets: () => [...index.targets()].map(({ job, instance }) => ({ job, instance })),
    live: (filter = {}) => select(filter, Number.NEGATIVE_INFINITY),
    instantaneous: (atMs = now(), filter = {}) => select(filter, atMs - lookbackMs),
    apply,
  }
}
