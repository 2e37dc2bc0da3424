/** Values of self-metrics by name and label, and how the page writes numbers. */

import type { SelfHistogram, SelfSample } from '../../telemetry/self-samples.ts'

/** The samples of a metric, in the order in which they were observed. */
export function labelled(samples: readonly SelfSample[], name: string): readonly SelfSample[] {
  return samples.filter((sample) => sample.name === name)
}

/** The sum over the samples with these labels; undefined if there is none. */
export function sumOf(
  samples: readonly SelfSample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const matching = labelled(samples, name).filter((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return matching.length === 0 ? undefined : matching.reduce((sum, { value }) => sum + value, 0)
}

/** The upper bound of the bucket that has the quantile; undefined without observations, infinite in the last bucket. */
export function quantileBound({ count, bounds, counts }: SelfHistogram, quantile: number): number | undefined {
  if (count === 0) return undefined
  let rest = quantile * count
  const bucket = counts.findIndex((of) => {
    rest -= of
    return rest <= 0
  })
  return bounds[bucket] ?? Number.POSITIVE_INFINITY
}

/** Histograms of equal bounds as one. */
export function mergeHistograms(histograms: readonly SelfHistogram[]): SelfHistogram | undefined {
  const [first] = histograms
  if (first === undefined) return undefined
  return {
    bounds: first.bounds,
    count: histograms.reduce((sum, { count }) => sum + count, 0),
    counts: first.counts.map((_, i) => histograms.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0)),
  }
}

const grouped = new Intl.NumberFormat('en-US')

export function formatCount(count: number): string {
  return grouped.format(count)
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** `14 s`, `3 min`, `5 h`, `2 d`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}
