// Owns which series have ever been named, by spelling and by identity, and walks the samples of a request. Refuses to
// judge a sample or to commit it: the live set does.
import type { Attributes, DecodedPoint, DecodedResource } from './metrics-decoder.ts'
import type { Target } from './series-names.ts'
import { seriesIdentity, seriesText, targetOf } from './series-names.ts'

/** One series and its last committed sample. */
export interface Series {
  /** The first spelling received. */
  text: string
  target: KnownTarget
  identity: string
  spellings: string[]
  /** undefined: not alive. */
  value: number | undefined
  timeMs: number
  /** Time of the newest sample within the request of that number. */
  pendingMs: number
  pendingRequest: number
}

/** A target and its series by spelling. */
export interface KnownTarget extends Target {
  spellings: Map<string, Series>
}

/** One point of a request as Prometheus takes it. */
export interface Sample {
  series: Series
  name: string
  attributes: Attributes
  timeMs: number
  /** undefined: a stale marker. */
  value: number | undefined
}

export interface SeriesIndex {
  targets(): Iterable<KnownTarget>
  series(): Iterable<Series>
  /** The samples of a resource in the order of the wire, then `target_info` when Prometheus would write one. */
  samplesOf(resource: DecodedResource): Iterable<Sample>
  forget(series: Series): void
}

/** How far Prometheus looks back for the last sample of a series. */
export const lookbackMs = 5 * 60_000

const millisecondsOf = ({ timeUnixNano }: DecodedPoint): number => Number(timeUnixNano / 1_000_000n)

/** When Prometheus writes `target_info`: at the oldest point, every half lookback from there, and at the newest. */
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

/** An index of nothing. Text is looked up first, for speed; sorted identity only for a spelling not seen before. */
export const createSeriesIndex = (): SeriesIndex => {
  const targets = new Map<string, KnownTarget>()
  const byIdentity = new Map<string, Series>()

  const findTarget = (resource: DecodedResource): KnownTarget => {
    const target = targetOf(resource)
    const key = `${target.job}\0${target.instance}`
    const known = targets.get(key) ?? { ...target, spellings: new Map<string, Series>() }
    targets.set(key, known)
    known.info = target.info
    return known
  }

  const addSeries = (identity: string, text: string, target: KnownTarget): Series => {
    const times = { timeMs: Number.NEGATIVE_INFINITY, pendingMs: 0, pendingRequest: 0 }
    const series: Series = { text, target, identity, spellings: [], value: undefined, ...times }
    byIdentity.set(identity, series)
    return series
  }

  const findSeries = (name: string, attributes: Attributes, target: KnownTarget): Series => {
    const text = seriesText(name, attributes)
    const known = target.spellings.get(text)
    if (known) return known
    const identity = seriesIdentity(name, attributes, target)
    const series = byIdentity.get(identity) ?? addSeries(identity, text, target)
    series.spellings.push(text)
    target.spellings.set(text, series)
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
    forget({ identity, spellings, target }) {
      byIdentity.delete(identity)
      for (const spelling of spellings) target.spellings.delete(spelling)
    },
  }
}
