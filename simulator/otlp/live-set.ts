// Owns what a Prometheus 3 behind OTLP would hold: each series, its last sample, and whether it lives. Refuses whole
// requests as Prometheus does, and knows nothing of transports or faults.
import type { Attributes, DecodedResource } from './metrics-decoder.ts'
import type { LiveSetCounters } from './sample-check.ts'
import { checkSample, noCounts } from './sample-check.ts'
import type { KnownTarget, Sample, Series } from './series-index.ts'
import { createSeriesIndex, lookbackMs } from './series-index.ts'
import { targetOf } from './series-names.ts'
import { checkWireRules } from './wire-rules.ts'

/** One accepted sample, told once its request has been committed. */
export interface Arrival {
  /** The series in text form, labels as received, without job and instance. */
  series: string
  name: string
  attributes: Attributes
  job: string
  instance: string
  /** The sample's own time and the clock's at arrival, both in Unix milliseconds. */
  timeMs: number
  arrivedMs: number
  /** undefined: a stale marker. */
  value: number | undefined
  /** undefined: the series was not alive. */
  previous: number | undefined
  change: 'appeared' | 'changed' | 'refreshed' | 'departed'
}

export interface LiveSetOptions {
  /** Refuse a whole request for one bad sample, as Prometheus does (default). Otherwise the bad samples are dropped. */
  strict?: boolean
  now?: () => number
  onArrival?: (arrival: Arrival) => void
  /** Whose requests are held to the product's wire rules; by default everybody's. */
  checks?: (job: string) => boolean
  /** How long a departed series remembers its last time; 2 h by default, as long as Prometheus' head. */
  forgetAfterMs?: number
}

/** Which series are wanted; both are exact. */
export interface LiveFilter {
  job?: string
  instance?: string
}

/** How a request ended; the reason is worded as Prometheus words it. */
export type ApplyOutcome = { accepted: true } | { accepted: false; reason: string }

export interface LiveSet {
  /** Applies one request, whole or (strict) not at all. `bytes` is only counted. */
  apply(resources: DecodedResource[], bytes?: number): ApplyOutcome
  /** Series text to value of all that live. Series of several targets that are spelled alike fall together: filter. */
  live(filter?: LiveFilter): Map<string, number>
  /** As `live`, but only what an instant query at `atMs` still sees: samples of the 5 minutes before it. */
  instantaneous(atMs?: number, filter?: LiveFilter): Map<string, number>
  /** The job and instance of every target ever seen. */
  targets(): { job: string; instance: string }[]
  /** Number of live series, `target_info` included. */
  readonly size: number
  readonly counters: Readonly<LiveSetCounters>
  /** Breaches of the wire rules with how often each occurred; at most 100 different ones. */
  readonly problems: ReadonlyMap<string, number>
}

const maxProblems = 100

const changeOf = (previous: number | undefined, value: number | undefined): Arrival['change'] => {
  if (value === undefined) return 'departed'
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

/** Keeps the samples that were accepted; `forgotten` hears of series that have been gone for `forgetAfterMs`. */
const createLedger = (counters: LiveSetCounters, forgetAfterMs: number, forgotten: (series: Series) => void) => {
  const departedAtMs = new Map<Series, number>()
  let size = 0
  return {
    size: () => size,
    /** The value before, undefined when the series was not alive. */
    commit({ series, timeMs, value }: Sample, nowMs: number): number | undefined {
      const previous = series.value
      departedAtMs.delete(series)
      if (value === undefined) departedAtMs.set(series, nowMs)
      if (value === undefined && previous === undefined) counters.staleOfUnknown++
      size += Number(value !== undefined) - Number(previous !== undefined)
      series.value = value
      series.timeMs = timeMs
      return previous
    },
    forgetOld(nowMs: number): void {
      for (const [series, atMs] of departedAtMs) {
        if (atMs > nowMs - forgetAfterMs) return
        departedAtMs.delete(series)
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
  const ledger = createLedger(counters, forgetAfterMs, index.forget)

  /** The samples to commit, and the first reason to refuse them. */
  const sift = (resources: DecodedResource[]): { taken: Sample[]; reason: string | undefined } => {
    const taken: Sample[] = []
    let reason: string | undefined
    for (const sample of resources.flatMap((resource) => [...index.samplesOf(resource)])) {
      const result = checkSample(sample, counters.requests, counters)
      if (result === 'accept') taken.push(sample)
      else if (result !== 'skip') reason ??= result.reason
      if (isPoint(sample)) counters.points++
      if (sample.value === undefined) counters.staleMarkers++
    }
    return { taken, reason }
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
    const { taken, reason } = sift(resources)
    if (counters.points === pointsBefore) counters.empty++
    for (const resource of resources) if (checks(targetOf(resource).job)) checkWireRules(resource, report)
    if (strict && reason !== undefined) {
      counters.rejected++
      return { accepted: false, reason }
    }
    const arrivedMs = now()
    for (const sample of taken) {
      const previous = ledger.commit(sample, arrivedMs)
      onArrival?.(arrivalOf(sample, previous, arrivedMs))
    }
    ledger.forgetOld(arrivedMs)
    return { accepted: true }
  }

  return {
    counters,
    problems,
    get size() {
      return ledger.size()
    },
    targets: () => [...index.targets()].map(({ job, instance }) => ({ job, instance })),
    live: (filter = {}) => select(filter, Number.NEGATIVE_INFINITY),
    instantaneous: (atMs = now(), filter = {}) => select(filter, atMs - lookbackMs),
    apply,
  }
}
