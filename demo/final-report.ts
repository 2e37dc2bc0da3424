/** Owns the end of a demo: everything comes to rest, is compared series by series, and is told in a few lines. */

import { expectedSeries, seriesOnPage } from '../src/inspect/object-series.ts'
import type { Product } from '../src/runtime/product.ts'
import type { Demo } from './demo.ts'
import { receivedTotals, waitUntil } from './demo.ts'
import type { LatencySummary } from './latencies.ts'
import { formatBytes, formatCount, formatElapsed, formatLatency, plural } from './number-format.ts'
import type { PushCounts } from './push-counts.ts'
import { fetchPushCounts } from './push-counts.ts'
import type { Totals } from './rate-meter.ts'
import type { Line } from './spans.ts'
import { span } from './spans.ts'

/** What the receiver holds, against what the cluster's objects yield. */
export interface SeriesComparison {
  readonly expected: number
  readonly received: number
  /** Series texts: not received, received but not there, and with another value. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly different: readonly string[]
}

/** Both sides' counts of one moment at which no request was under way. */
export interface Counts {
  /** Acknowledged, as the product counts. */
  readonly product: PushCounts
  /** Undefined: the receiver is a Collector of the user's own. */
  readonly receiver: Totals | undefined
}

export interface FinalReport {
  readonly ranMs: number
  readonly syncedResources: number
  readonly resources: number
  readonly syncedAfterMs: number | undefined
  readonly changes: number
  readonly latency: LatencySummary | undefined
  readonly counts: Counts | undefined
  readonly staleMarkers: number
  readonly series: SeriesComparison | undefined
  readonly warnings: number
}

const fairGraceMs = 10_000
/** After bad weather everybody first has to find out that it is over. */
const weatherGraceMs = 20_000
/** A flush and a little more; what is owed after it, the product sends as it stops. */
const restMs = 1200

/** Ends the demo. Never rejects for what went wrong on the environment: the result says it. */
export async function finishDemo(demo: Demo): Promise<FinalReport> {
  const { settings, environment, product, latencies, log } = demo
  const ranMs = demo.elapsedMs()
  const { store } = product
  await environment.calm()
  await waitUntil(() => hasReadAll(demo), settings.weather ? weatherGraceMs : fairGraceMs)
  await waitUntil(() => isAtRest(product), restMs)
  const counts = await readCounts(demo)
  await product.stop()
  const series = compareReceived(demo)
  const staleMarkers = environment.receiver?.liveSet.counters.staleMarkers ?? 0
  await environment.close()
  await log.close()
  return {
    ranMs,
    syncedResources: store.registry.layouts.filter(({ id }) => store.isSynced(id)).length,
    resources: store.registry.layouts.length,
    syncedAfterMs: demo.syncedAfterMs(),
    changes: demo.observer.changes,
    latency: latencies.total(),
    counts,
    staleMarkers,
    series,
    warnings: log.count,
  }
}

/** Whether the product shows on its page what the API server's objects yield. */
async function hasReadAll(demo: Demo): Promise<boolean> {
  const page = await fetch(demo.metricsUrl).then(
    (response) => response.text(),
    () => '',
  )
  return isEqual(compareSeries(objectStateOf(demo), seriesOnPage(page)))
}

function isAtRest({ store: { delivery, departures } }: Product): boolean {
  return delivery === undefined || delivery.dirty + delivery.inFlight + (departures?.series ?? 0) === 0
}

/** What the objects that the API server has yield by themselves, without the product's reading, store and push. */
function objectStateOf({ environment: { api }, config }: Demo): Map<string, number> {
  const placed = (plural: string) => api.objects.list(plural).map((value) => ({ plural, value }))
  return expectedSeries(
    config.selection,
    api.objects.kinds.flatMap(({ plural }) => placed(plural)),
  )
}

/** Undefined without a receiver of ours. */
function compareReceived(demo: Demo): SeriesComparison | undefined {
  const { receiver } = demo.environment
  if (receiver === undefined) return undefined
  const { serviceNamespace, constantLabels } = demo.config.otlp
  const name = 'kube-state-metrics'
  const actual = receiver.liveSet.live({ job: serviceNamespace === undefined ? name : `${serviceNamespace}/${name}` })
  const added = [...constantLabels].map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')
  const expected = new Map([...objectStateOf(demo)].map(([text, value]) => [withLabels(text, added), value]))
  return compareSeries(expected, actual)
}

function compareSeries(expected: ReadonlyMap<string, number>, actual: ReadonlyMap<string, number>): SeriesComparison {
  const both = [...expected].filter(([text]) => actual.has(text))
  return {
    expected: expected.size,
    received: actual.size,
    missing: [...expected.keys()].filter((text) => !actual.has(text)),
    extra: [...actual.keys()].filter((text) => !expected.has(text)),
    different: both.filter(([text, value]) => !Object.is(actual.get(text), value)).map(([text]) => text),
  }
}

/** Labels that stand last on every point that is pushed, and on no page. */
const withLabels = (text: string, labels: string): string =>
  labels === '' ? text : text.endsWith('}') ? `${text.slice(0, -1)},${labels}}` : `${text}{${labels}}`

const isEqual = ({ missing, extra, different }: SeriesComparison): boolean =>
  missing.length + extra.length + different.length === 0

/** Undefined when there was no such moment, or the product does not answer. */
async function readCounts({ environment: { receiver }, selfUrl }: Demo): Promise<Counts | undefined> {
  let counts: Counts | undefined
  const requests = () => receiver?.liveSet.counters.requests
  await waitUntil(async () => {
    const before = requests()
    const product = await fetchPushCounts(selfUrl).catch(() => undefined)
    if (product === undefined || product.inFlight > 0 || before !== requests()) return false
    counts = { product, receiver: receiver && receivedTotals(receiver) }
    return true
  }, 1000)
  return counts
}

/** Whether the demo has shown what it is to show. */
export const isConsistent = ({ series }: FinalReport): boolean => series === undefined || isEqual(series)

const labelWidth = 11
const row = (label: string, text: string, verdict?: boolean): Line => [
  span(label.padEnd(labelWidth), 'faint'),
  span(text),
  ...(verdict === undefined ? [] : [span(verdict ? ': equal' : ': NOT EQUAL', verdict ? 'good' : 'bad')]),
]

/** The report summary. */
export function layOutReport(report: FinalReport): readonly Line[] {
  const { syncedResources, resources, syncedAfterMs, latency, series, counts, changes } = report
  const after = syncedAfterMs === undefined ? '' : ` after ${formatLatency(syncedAfterMs)}`
  return [
    [span(`The demo ran for ${formatElapsed(report.ranMs)}.`, 'strong')],
    row('synced', `${syncedResources}/${resources} resources${after}`),
    row('changes', `${plural(changes, 'change')} of objects${latency ? `; ${latencyText(latency)}` : ''}`),
    ...(counts ? countLines(counts) : []),
    ...(series
      ? seriesLines(series, report.staleMarkers)
      : [row('series', 'what has arrived is your Collector’s to tell')]),
    row('trouble', report.warnings === 0 ? 'none' : `${plural(report.warnings, 'warning')}`),
  ]
}

const latencyText = ({ count, p50Ms, p99Ms }: LatencySummary): string =>
  `${formatCount(count)} timed, arrived after p50 ${formatLatency(p50Ms)}, p99 ${formatLatency(p99Ms)}`

const sizes = ({ points, bytes, requests }: Totals): string =>
  `${plural(points, 'point')} in ${plural(requests, 'request')}, ${formatBytes(bytes)}`

function countLines({ product, receiver }: Counts): readonly Line[] {
  const failed = product.failed === 0 ? '' : `; ${plural(product.failed, 'request')} failed and were made again`
  const sent = row('sent', `${sizes(product)} acknowledged${failed}`)
  if (receiver === undefined) return [sent]
  const agrees = (['points', 'bytes', 'requests'] as const).every((key) => product[key] === receiver[key])
  // What failed on its way may have arrived all the same: then the two counts are both right, and differ.
  return [sent, row('received', `${sizes(receiver)} counted`, product.failed === 0 ? agrees : undefined)]
}

const shownExamples = 5

function seriesLines(series: SeriesComparison, staleMarkers: number): readonly Line[] {
  const { expected, received } = series
  const text = `${formatCount(received)} live at the receiver, ${formatCount(expected)} by the cluster's objects`
  const examples = (['missing', 'extra', 'different'] as const).flatMap((kind) =>
    series[kind].slice(0, shownExamples).map((name) => row('', `${kind}: ${name}`)),
  )
  return [row('series', text, isEqual(series)), ...examples, row('departed', `${plural(staleMarkers, 'stale marker')}`)]
}
