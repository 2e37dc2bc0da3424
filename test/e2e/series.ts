/** Series as comparable text, from a metrics page and from Prometheus, and the difference of two sets. */

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/s
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g

/** Labels that a Collector adds. */
const added = new Set(['job', 'instance', '__name__'])

/** `name{a="b"}` with labels sorted; empty labels are no labels to Prometheus, so they are left out. */
export function seriesText(name: string, labels: Iterable<readonly [string, string]>): string {
  const kept = [...labels]
    .filter(([key, value]) => value !== '' && !added.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `${name}{${kept.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}}`
}

/** Names of object state: `kube_` but not those of self-metrics. */
export const objectState = /^kube_(?!state_)/

/** The same as a query. Self-metrics with the names of kube-state-metrics have its job too. */
export const objectStateQuery = '{job="kube-state-metrics",__name__=~"kube_.*",__name__!~"kube_state_.*"}'

/** All series of object state on a metrics page, with their values. */
export function parsePage(page: string): Map<string, number> {
  const series = new Map<string, number>()
  for (const line of page.split('\n')) {
    const match = objectState.test(line) ? sample.exec(line) : null
    if (match === null) continue
    const labels = [...(match[2] ?? '').matchAll(label)].map(
      ([, key = '', value = '']) => [key, unescaped(value)] as const,
    )
    const name = seriesText(match[1] as string, labels)
    // The first sample of a duplicate series counts, as over OTLP.
    if (!series.has(name)) series.set(name, Number(match[3]?.replace(/Inf$/, 'Infinity')))
  }
  return series
}

const unescaped = (value: string) => value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))

/** The result of an instant query of Prometheus, as the same text. */
export async function queryPrometheus(url: string, query: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) })
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return new Map(
    data.result.map(({ metric, value }) => [
      seriesText(metric.__name__ ?? '', Object.entries(metric)),
      Number(value[1]),
    ]),
  )
}

export interface Difference {
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly values: readonly string[]
}

/** Series that `actual` lacks, series that only `actual` has, and series whose values differ. */
export function compareSeries(expected: ReadonlyMap<string, number>, actual: ReadonlyMap<string, number>): Difference {
  const both = [...expected].filter(([name]) => actual.has(name))
  return {
    missing: [...expected.keys()].filter((name) => !actual.has(name)),
    extra: [...actual.keys()].filter((name) => !expected.has(name)),
    values: both.filter(([name, value]) => !Object.is(actual.get(name), value)).map(([name]) => name),
  }
}

export const isEqual = ({ missing, extra, values }: Difference) => missing.length + extra.length + values.length === 0

/** The number of each kind of difference, and the first few, for a message. */
export const abridge = ({ missing, extra, values }: Difference) => ({
  missing: [missing.length, ...missing.slice(0, 5)],
  extra: [extra.length, ...extra.slice(0, 5)],
  values: [values.length, ...values.slice(0, 5)],
})
