/** Percentiles of latencies: exact for a recent window, rounded up to 10 ms for the whole run. */

/** Percentiles in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Latencies {
  add(atMs: number, latencyMs: number): void
  /** The latencies in the window that ends now; undefined if there are none. */
  recent(nowMs: number): LatencySummary | undefined
  /** All latencies; undefined if there are none. */
  total(): LatencySummary | undefined
}

const bucketMs = 10
/** Longer latencies count as this long. */
const longestMs = 600_000

/** The percentile of sorted values by nearest rank; `part` is from 0 to 1. Throws a RangeError without values. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('there is no percentile of an empty list')
  return value
}

/** Creates an empty collection; `windowMs` is the length of the recent window. */
export function createLatencies(windowMs = 60_000): Latencies {
  const recentOnes: { atMs: number; latencyMs: number }[] = []
  const buckets = new Uint32Array(longestMs / bucketMs + 1)
  let count = 0
  /** The upper bound of the bucket with the rank. */
  const totalPercentile = (part: number): number => {
    const rank = Math.max(1, Math.ceil(part * count))
    let index = 0
    for (let seen = buckets[0] ?? 0; seen < rank; seen += buckets[index] ?? 0) index++
    return index * bucketMs
  }
  return {
    add(atMs, latencyMs) {
      recentOnes.push({ atMs, latencyMs })
      const bucket = Math.ceil(Math.min(Math.max(latencyMs, 0), longestMs) / bucketMs)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count++
    },
    recent(nowMs) {
      const kept = recentOnes.findIndex(({ atMs }) => atMs > nowMs - windowMs)
      recentOnes.splice(0, kept === -1 ? recentOnes.length : kept)
      if (recentOnes.length === 0) return undefined
      const sorted = Float64Array.from(recentOnes, ({ latencyMs }) => latencyMs).sort()
      return { count: sorted.length, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) }
    },
    total: () => (count === 0 ? undefined : { count, p50Ms: totalPercentile(0.5), p99Ms: totalPercentile(0.99) }),
  }
}
