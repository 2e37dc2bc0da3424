/** Owns latencies and their percentiles: exact for the last while, within a hundredth of a second for all time. */

/** Percentiles in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Latencies {
  add(atMs: number, latencyMs: number): void
  /** Of what was added in the window that ends now; undefined for nothing. */
  recent(nowMs: number): LatencySummary | undefined
  /** Of all that was ever added; undefined for nothing. */
  total(): LatencySummary | undefined
}

const bucketMs = 10
/** Whatever takes longer counts as that long. */
const longestMs = 600_000

/** The value that so great a part of the sorted ones do not exceed (nearest rank). Throws a RangeError for none. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no percentile of nothing')
  return value
}

/** No latencies yet; `windowMs` is how long one counts as recent. */
export function createLatencies(windowMs = 60_000): Latencies {
  const recentOnes: { atMs: number; latencyMs: number }[] = []
  const buckets = new Uint32Array(longestMs / bucketMs + 1)
  let count = 0
  /** The upper end of the bucket that holds the rank. */
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
