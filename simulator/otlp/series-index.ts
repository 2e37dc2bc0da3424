/** Finds the series of the samples in a request, by text (as received) and by identity. */
import { hash } from 'node:crypto'
import type { Attributes, DecodedPoint, DecodedResource } from './metrics-decoder.ts'
import type { Target } from './series-names.ts'
import { seriesIdentity, seriesText, targetOf } from './series-names.ts'

/** One series and its last committed sample. */
export interface Series {
  /** The first text received. */
  text: string
  target: KnownTarget
  /** A digest. */
  identity: string
  /** Further texts, of which there are none as a rule. */
  otherTexts: readonly string[]
  /** Undefined if not live. */
  value: number | undefined
  timeMs: number
  /** The timestamp of the newest sample in the request with the number `pendingRequest`. */
  pendingMs: number
  pendingRequest: number
}

/** A target and its series by text. */
export interface KnownTarget extends Target {
  texts: Map<string, Series>
}

/** One point of a request as a Prometheus sample. */
export interface Sample {
  series: Series
  name: string
  attributes: Attributes
  timeMs: number
  /** Undefined for a stale marker. */
  value: number | undefined
}

export interface SeriesIndex {
  targets(): Iterable<KnownTarget>
  series(): Iterable<Series>
  /** The samples of a resource in the encoded order, then `target_info` if Prometheus would write it. */
  samplesOf(resource: DecodedResource): Iterable<Sample>
  forget(series: Series): void
}

const noTexts: readonly string[] = []

/** The lookback delta of Prometheus. */
export const lookbackMs = 5 * 60_000

const millisecondsOf = ({ timeUnixNano }: DecodedPoint): number => Number(timeUnixNano / 1_000_000n)

/** The timestamps at which Prometheus writes `target_info`: the oldest point, every half lookback, and the newest point. */
function* infoTimes(oldestMs: number, newestMs: number): Generator<number> {
  for (let timeMs = oldestMs; timeMs < newestMs; timeMs += lookbackMs / 2) yield timeMs
  if (newestMs > 0) yield newestMs
}

function* pointsOf(resource: DecodedResource): Generator<{ name: string; point: DecodedPoint }> {
  for (const { metrics } of resource.scopes) {
    for (const { name, points } of metrics) {
      for (const point of points) yield { name, point }
    }
  }
}

/** An empty index. Series are looked up by text first, for speed, and by identity only for a new text. */
export const createSeriesIndex = (): SeriesIndex => {
  const targets = new Map<string, KnownTarget>()
  const byIdentity = new Map<string, Series>()

  const findTarget = (resource: DecodedResource): KnownTarget => {
    const target = targetOf(resource)
    const key = `${target.job}\0${target.instance}`
    const known = targets.get(key) ?? { ...target, texts: new Map<string, Series>() }
    targets.set(key, known)
    known.info = target.info
    return known
  }

  const addSeries = (identity: string, text: string, target: KnownTarget): Series => {
    const times = { timeMs: Number.NEGATIVE_INFINITY, pendingMs: 0, pendingRequest: 0 }
    const series: Series = { text, target, identity, otherTexts: noTexts, value: undefined, ...times }
    byIdentity.set(identity, series)
    return series
  }

  const findSeries = (name: string, attributes: Attributes, target: KnownTarget): Series => {
    const text = seriesText(name, attributes)
    const known = target.texts.get(text)
    if (known) return known
    // Identities of 300 characters would take a third of the memory of a series.
    const identity = hash('sha256', seriesIdentity(name, attributes, target), 'base64')
    const series = byIdentity.get(identity) ?? addSeries(identity, text, target)
    // A list of its own for each series would take 180 bytes.
    if (series.text !== text) series.otherTexts = [...series.otherTexts, text]
    target.texts.set(text, series)
    return series
  }

  return {
    targets: () => targets.values(),
    series: () => byIdentity.values(),
    *samplesOf(resource) {
      const target = findTarget(resource)
      let oldestMs = Number.POSITIVE_INFINITY
      let newestMs = 0
      for (const { name, point } of pointsOf(resource)) {
        const { attributes, noRecordedValue } = point
        const timeMs = millisecondsOf(point)
        oldestMs = Math.min(oldestMs, timeMs)
        newestMs = Math.max(newestMs, timeMs)
        const value = noRecordedValue ? undefined : point.value
        yield { series: findSeries(name, attributes, target), name, attributes, timeMs, value }
      }
      if (target.info.length === 0 || (target.job === '' && target.instance === '')) return
      const info = { name: 'target_info', attributes: target.info, value: 1 }
      const series = findSeries(info.name, info.attributes, target)
      for (const timeMs of infoTimes(oldestMs, newestMs)) yield { ...info, series, timeMs }
    },
    forget({ identity, text, otherTexts, target }) {
      byIdentity.delete(identity)
      for (const known of [text, ...otherTexts]) target.texts.delete(known)
    },
  }
}
