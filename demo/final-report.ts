/** Ends a demo: waits until nothing is pending, compares the series on both sides, and lays out the report. */

import type { SeriesVisitor } from '../src/inspect/object-series.ts'
import { createPageReader, visitExpected } from '../src/inspect/object-series.ts'
import type { Product } from '../src/runtime/product.ts'
import type { Demo } from './demo.ts'
import { receivedTotals, waitUntil } from './demo.ts'
import type { LatencySummary } from './latencies.ts'
import { formatBytes, formatCount, formatElapsed, formatLatency, plural } from './number-format.ts'
import { requestPage } from './page-request.ts'
import type { PushCounts } from './push-counts.ts'
import { fetchPushCounts } from './push-counts.ts'
import type { Totals } from './rate-meter.ts'
import type { SeriesComparison } from './series-comparison.ts'
import { compareSeries, createSeriesDigest, isEqual } from './series-comparison.ts'
import type { Line } from './spans.ts'
import { span } from './spans.ts'

/** The counts on both sides at a time without requests in flight. */
export interface Counts {
  /** Acknowledged requests, as counted by the product. */
  readonly product: PushCounts
  /** Undefined if the receiver is the user's Collector. */
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
  /** The largest resident memory of the process so far. */
  readonly peakRssBytes: number
}

const graceMs = 10_000
/** With fault injection, retries first have to succeed. */
const graceAfterFaultsMs = 20_000
/** A bit longer than a flush. The product sends what is still pending when it stops. */
const idleTimeoutMs = 1200

/** Ends the demo. Differences are part of the report, not errors. */
export async function finishDemo(demo: Demo): Promise<FinalReport> {
  const { settings, environment, product, latencies, log } = demo
  const ranMs = demo.elapsedMs()
  const { store } = product
  await environment.stopChurn()
  const expected = digestOfState(demo)
  await waitUntil(() => hasSynced(demo, expected), settings.faults ? graceAfterFaultsMs : graceMs)
  await waitUntil(() => isIdle(product), idleTimeoutMs)
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
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

/** Whether /metrics shows the series of all objects of the API server. */
async function hasSynced({ metricsUrl }: Demo, expected: string): Promise<boolean> {
  const digest = createSeriesDigest()
  const reader = createPageReader(digest.add)
  try {
    for await (const part of await requestPage(metricsUrl)) reader.add(part as Uint8Array)
  } catch {
    return false
  }
  reader.end()
  return digest.read() === expected
}

function isIdle({ store: { ledgers } }: Product): boolean {
  return [...ledgers].every(({ pending, inFlight, pendingMarkers }) => pending + inFlight + pendingMarkers === 0)
}

/** The series of the API server's objects, computed without the reflectors, the store and the push. */
function visitState({ environment: { api }, config }: Demo, visit: SeriesVisitor): void {
  const placed = (plural: string) => api.objects.list(plural).map((value) => ({ plural, value }))
  visitExpected(
    config.selection,
    api.objects.kinds.flatMap(({ plural }) => placed(plural)),
    visit,
  )
}

function digestOfState(demo: Demo): string {
  const digest = createSeriesDigest()
  visitState(demo, digest.add)
  return digest.read()
}

/** Undefined without the embedded receiver. */
function compareReceived(demo: Demo): SeriesComparison | undefined {
  const { receiver } = demo.environment
  if (receiver === undefined) return undefined
  const { serviceNamespace, constantLabels } = demo.config.otlp
  const name = 'kube-state-metrics'
  const actual = receiver.liveSet.live({ job: serviceNamespace === undefined ? name : `${serviceNamespace}/${name}` })
  const added = [...constantLabels].map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')
  return compareSeries((visit) => visitState(demo, (text, value) => visit(withLabels(text, added), value)), actual)
}

/** Adds constant labels, which are the last labels on pushed points and absent on /metrics. */
const withLabels = (text: string, labels: string): string =>
  labels === '' ? text : text.endsWith('}') ? `${text.slice(0, -1)},${labels}}` : `${text}{${labels}}`

/** Undefined if requests were in flight all the time, or the product does not respond. */
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

/** Whether both sides have the same series. */
export const isConsistent = ({ series }: FinalReport): boolean => series === undefined || isEqual(series)

const labelWidth = 11
const row = (label: string, text: string, isSame?: boolean): Line => [
  span(label.padEnd(labelWidth), 'faint'),
  span(text),
  ...(isSame === undefined ? [] : [span(isSame ? ': equal' : ': NOT EQUAL', isSame ? 'good' : 'bad')]),
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
      : [row('series', 'not compared: the receiver is your Collector')]),
    row('problems', report.warnings === 0 ? 'none' : `${plural(report.warnings, 'warning')}`),
    row('memory', `${formatBytes(report.peakRssBytes)} at most, simulator and receiver included`),
  ]
}

const latencyText = ({ count, p50Ms, p99Ms }: LatencySummary): string =>
  `${formatCount(count)} timed, arrived after p50 ${formatLatency(p50Ms)}, p99 ${formatLatency(p99Ms)}`

const sizes = ({ points, bytes, requests }: Totals): string =>
  `${plural(points, 'point')} in ${plural(requests, 'request')}, ${formatBytes(bytes)}`

function countLines({ product, receiver }: Counts): readonly Line[] {
  const failed = product.failed === 0 ? '' : `; ${plural(product.failed, 'request')} failed and were retried`
  const sent = row('sent', `${sizes(product)} acknowledged${failed}`)
  if (receiver === undefined) return [sent]
  const agrees = (['points', 'bytes', 'requests'] as const).every((key) => product[key] === receiver[key])
  // A failed request may have been received; the counts then differ and both are correct.
  return [sent, row('received', `${sizes(receiver)} counted`, product.failed === 0 ? agrees : undefined)]
}

const shownExamples = 5

function seriesLines(series: SeriesComparison, staleMarkers: number): readonly Line[] {
  const { expected, received } = series
  const text = `${formatCount(received)} live at the receiver, ${formatCount(expected)} expected from the objects`
  const examples = (['missing', 'extra', 'different'] as const).flatMap((kind) =>
    series[kind].slice(0, shownExamples).map((name) => row('', `${kind}: ${name}`)),
  )
  return [row('series', text, isEqual(series)), ...examples, row('ended', `${plural(staleMarkers, 'stale marker')}`)]
}
