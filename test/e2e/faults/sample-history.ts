/** All samples of a stretch of time in Prometheus, and the comparison with those of an undisturbed instance, second by second. */

import { objectState, seriesText } from '../series.ts'

/** Samples of one series: Unix milliseconds in ascending order, and values. */
export interface Samples {
  readonly timesMs: readonly number[]
  readonly values: readonly number[]
  /** Unix seconds in which the series is live, and its value then; a stale marker ends it. */
  readonly live: ReadonlyMap<number, number>
}

export type History = ReadonlyMap<string, Samples>

export interface HistoryComparison {
  readonly series: number
  /** Pairs of a series and a second that both sides were compared in. */
  readonly seconds: number
  /** Largest time between two samples of a series that was live in between, in the disturbed and the undisturbed instance. */
  readonly largestGapMs: number
  readonly undisturbedGapMs: number
  /** Objects that were sent again, unchanged, within less than half a flush interval, and when. */
  readonly doubled: readonly string[]
  readonly undisturbedDoubled: number
  /** Series that had another value, were missing or live for longer than a change may take. */
  readonly differing: readonly string[]
}

interface Matrix {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly values: [number, string][] }[]
  }
  readonly error?: string
}

const selector = '{job="kube-state-metrics",__name__=~"kube_.*",__name__!~"kube_state_.*"}'

async function fetchMatrix(url: string, path: string, parameters: Record<string, string>) {
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) })
  const { data, error } = (await response.json()) as Matrix
  if (error !== undefined) throw new Error(`Prometheus: ${error}`)
  return data.result
    .map(({ metric, values }) => [seriesText(metric.__name__ ?? '', Object.entries(metric)), values] as const)
    .filter(([text]) => objectState.test(text))
}

/** Both ends in Unix seconds. A series may be live without a sample in between: by one from before. */
export async function readHistory(prometheusUrl: string, from: number, to: number): Promise<History> {
  const query = { query: `${selector}[${to - from}s]`, time: String(to) }
  const raw = new Map(await fetchMatrix(prometheusUrl, 'query', query))
  const range = { query: selector, start: String(from), end: String(to), step: '1' }
  const live = new Map(await fetchMatrix(prometheusUrl, 'query_range', range))
  const samplesOf = (text: string): Samples => {
    const values = raw.get(text) ?? []
    return {
      timesMs: values.map(([time]) => Math.round(time * 1000)),
      values: values.map(([, value]) => Number(value)),
      live: new Map((live.get(text) ?? []).map(([time, value]) => [Math.round(time), Number(value)])),
    }
  }
  return new Map([...new Set([...raw.keys(), ...live.keys()])].map((text) => [text, samplesOf(text)]))
}

export interface HistoryBounds {
  /** Half of the time between two flushes. */
  readonly doubledWithinMs: number
  /** How long a change may be under way in the disturbed instance. */
  readonly settleSeconds: number
  readonly from: number
  readonly to: number
}

const nothing: Samples = { timesMs: [], values: [], live: new Map() }

export function compareHistories(disturbed: History, undisturbed: History, bounds: HistoryBounds): HistoryComparison {
  const names = new Set([...disturbed.keys(), ...undisturbed.keys()])
  const all = [...names].map((name) => {
    const ours = disturbed.get(name) ?? nothing
    const theirs = undisturbed.get(name) ?? nothing
    return { name, ours, theirs, wrong: wrongStretches(ours, theirs, bounds) }
  })
  const largest = (of: (it: (typeof all)[number]) => number) => all.reduce((max, it) => Math.max(max, of(it)), 0)
  const sum = (of: (it: (typeof all)[number]) => number) => all.reduce((total, it) => total + of(it), 0)
  return {
    series: names.size,
    seconds: sum(({ theirs }) => theirs.live.size),
    largestGapMs: largest(({ ours, theirs }) => largestGap(ours, theirs)),
    undisturbedGapMs: largest(({ theirs }) => largestGap(theirs, theirs)),
    doubled: doubledObjects(disturbed, bounds.doubledWithinMs),
    undisturbedDoubled: doubledObjects(undisturbed, bounds.doubledWithinMs).length,
    differing: all.flatMap(({ name, wrong }) => wrong.map((stretch) => `${name} ${stretch}`)),
  }
}

/** Between two samples, while the reference says that the series was live all the time. */
function largestGap({ timesMs }: Samples, reference: Samples): number {
  let largest = 0
  for (const [i, at] of timesMs.entries()) {
    const before = timesMs[i - 1]
    if (before === undefined || at - before <= largest) continue
    if (isLiveBetween(reference, before, at)) largest = at - before
  }
  return largest
}

function isLiveBetween({ live }: Samples, fromMs: number, toMs: number): boolean {
  for (let second = Math.ceil(fromMs / 1000) + 1; second < toMs / 1000; second++) {
    if (!live.has(second)) return false
  }
  return true
}

/**
 * An object is sent as a whole when one of its series has changed. So it was sent twice if the same series followed each other
 * with the same values. Returns the object and both times.
 */
function doubledObjects(history: History, withinMs: number): string[] {
  const objects = new Map<string, Map<number, string[]>>()
  for (const [series, { timesMs, values }] of history) {
    const sent = objects.get(objectOf(series)) ?? new Map<number, string[]>()
    objects.set(objectOf(series), sent)
    for (const [i, at] of timesMs.entries()) {
      const samples = sent.get(at)
      const sample = `${series} ${values[i]}`
      if (samples === undefined) sent.set(at, [sample])
      else samples.push(sample)
    }
  }
  return [...objects].flatMap(([object, sent]) => {
    const times = [...sent.keys()].sort((a, b) => a - b)
    const isDoubled = (at: number, i: number) => {
      const before = times[i - 1]
      return before !== undefined && at - before < withinMs && areEqual(sent.get(before), sent.get(at))
    }
    return times.filter(isDoubled).map((at) => `${object} at ${at}`)
  })
}

function areEqual(before: readonly string[] = [], after: readonly string[] = []): boolean {
  const known = new Set(before)
  return before.length === after.length && after.every((sample) => known.has(sample))
}

/** By the resource in the name of the family, and the labels of that name and of the namespace. */
function objectOf(series: string): string {
  const [, resource = ''] = /^kube_([a-z]+)_/.exec(series) ?? []
  const labelOf = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(series)?.[1] ?? ''
  return `${resource} ${labelOf('namespace')}/${labelOf(resource)}`
}

/**
 * The stretches in which the two differ for longer than a change may be under way. Shorter ones are states that one of the two
 * has never sent, since the object left them before its next flush.
 */
function wrongStretches({ live }: Samples, reference: Samples, { from, to, settleSeconds }: HistoryBounds): string[] {
  const found: string[] = []
  let since: number | undefined
  for (let second = from; second <= to; second++) {
    const differs = second < to && !Object.is(live.get(second), reference.live.get(second))
    if (differs) since ??= second
    else if (since !== undefined) {
      const valuesAt = (at: number) => `${live.get(at)} instead of ${reference.live.get(at)}`
      if (second - since > settleSeconds) {
        found.push(
          `for ${second - since} s from ${since} on: ${valuesAt(since)} (before ${valuesAt(since - 1)}, after ${valuesAt(second)})`,
        )
      }
      since = undefined
    }
  }
  return found
}
