/** Lays out a view of the demo as lines of a given width. */

import { formatBytes, formatCount, formatElapsed, formatLatency, plural } from './number-format.ts'
import type { RefreshEvenness } from './refresh-meter.ts'
import type { Line, Span } from './spans.ts'
import { clip, justify, span, widthOf } from './spans.ts'
import type { DemoView, ReceiverView } from './view.ts'

const labelWidth = 11
const widest = 110
const barWidth = 28

const row = (label: string, ...spans: readonly Span[]): Line => [span(label.padEnd(labelWidth), 'faint'), ...spans]
const note = (text: string): Span => span(text, 'faint')

/** All lines of the summary, none wider than `width`. */
export function layOut(view: DemoView, width: number): readonly Line[] {
  const inner = Math.max(1, Math.min(width, widest))
  const lines: readonly Line[] = [
    ...addressLines(view, inner),
    [],
    syncLine(view),
    row(
      'holds',
      span(plural(view.objects, 'object'), 'strong'),
      span('  '),
      span(plural(view.series, 'series'), 'strong'),
    ),
    sendLine(view),
    ...(view.receiver ? receiverLines(view, view.receiver, inner) : [noReceiver]),
    row('pending', ...pendingSpans(view)),
    problemLine(view),
    row('memory', span(formatBytes(view.rssBytes)), note(' of this process: simulator and receiver included')),
    [],
    ...nextLines(view),
  ]
  return lines.map((line) => clip(line, inner))
}

/** What to look at while the demo runs. */
function nextLines({ metricsUrl, statusUrl }: DemoView): readonly Line[] {
  return [
    [span('Look at next', 'strong')],
    row('browser', span(statusUrl, 'accent'), note('  resources, push, top families, series of one object')),
    row('shell', span(`curl -s ${metricsUrl} | grep kube_pod_status_phase`)),
    row('cluster', span('npx kube-state-otlp doctor'), note('  checks your own cluster; docs/getting-started.md')),
    [note('Ctrl-C ends the demo and compares both sides.')],
  ]
}

function addressLines(view: DemoView, width: number): readonly Line[] {
  return [
    header(view, width),
    [note(subtitle(view))],
    [],
    row('/metrics', span(view.metricsUrl, 'accent')),
    row('self', span(view.selfUrl, 'accent'), note('  self-metrics')),
    row('OTLP', span(view.endpoint, 'accent'), note(view.receiver ? '  embedded receiver' : '  your Collector')),
  ]
}

/** The part that stays the same, for output that is not a terminal. */
export function introduce(view: DemoView, width: number): readonly Line[] {
  return [...addressLines(view, width), [], ...nextLines(view), []].map((line) => clip(line, width))
}

function header({ version, elapsedMs, settings }: DemoView, width: number): Line {
  const { durationMs } = settings
  const clock = durationMs === undefined ? '' : ` of ${formatElapsed(durationMs)}`
  return justify(
    [span('kube-state-otlp', 'strong'), note(` ${version}  demo`)],
    [note(`${formatElapsed(elapsedMs)}${clock}`)],
    width,
  )
}

function subtitle({ settings: { pods, churn, seed, faults } }: DemoView): string {
  const rate = churn === 0 ? 'no changes' : `${plural(churn, 'change')} per second`
  return `simulated cluster: ${plural(pods, 'pod')}, ${rate}, seed ${seed}, ${faults ? 'with' : 'no'} fault injection`
}

function syncLine({ sync: { done, total, tookMs } }: DemoView): Line {
  const filled = total === 0 ? barWidth : Math.floor((barWidth * done) / total)
  const isDone = tookMs !== undefined
  return row(
    'synced',
    span('█'.repeat(filled), isDone ? 'good' : 'accent'),
    span('░'.repeat(barWidth - filled), 'faint'),
    span(` ${done}/${total} resources`, 'strong'),
    note(isDone ? ` after ${formatLatency(tookMs)}` : ' …'),
  )
}

function sendLine({ perSecond: { points, bytes, requests } }: DemoView): Line {
  return row(
    'sends',
    span(`${formatCount(points)} points/s`, 'strong'),
    span(`  ${formatBytes(bytes)}/s  ${plural(requests, 'request')}/s`),
  )
}

const noReceiver = row('receiver', note('your Collector: arrivals are not measured'))

function receiverLines(view: DemoView, receiver: ReceiverView, width: number): readonly Line[] {
  return [
    refreshLine(receiver.refresh, width),
    row('changes', ...changes(view, receiver)),
    row('received', ...received(view, receiver)),
  ]
}

const blocks = '▁▂▃▄▅▆▇█'

/** Bars from zero, so that an even load looks even. */
function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values, 1)
  return values.map((value) => blocks[Math.min(7, Math.floor((8 * value) / (highest * 1.25)))]).join('')
}

function refreshLine(refresh: RefreshEvenness | undefined, width: number): Line {
  if (refresh === undefined) return row('refresh', note('measuring …'))
  const { ticks, mean, highest } = refresh
  const words = note(
    ` ${formatCount(mean)} points per tick on average, at most ${(highest / mean).toFixed(2)} times that`,
  )
  const room = Math.max(0, width - labelWidth - widthOf([words]))
  return row('refresh', span(sparkline(ticks.slice(-Math.min(room, 30))), 'accent'), words)
}

function changes({ changesPerSecond }: DemoView, { latency, pending }: ReceiverView): readonly Span[] {
  const rate = span(`${formatCount(changesPerSecond)} objects/s`)
  const waiting = note(pending === 0 ? '' : `, ${formatCount(pending)} pending`)
  if (latency === undefined) return [rate, note('  none received in the last minute'), waiting]
  const { count, p50Ms, p99Ms } = latency
  return [
    rate,
    span('  received after '),
    span(`p50 ${formatLatency(p50Ms)}`, 'strong'),
    span('  '),
    span(`p99 ${formatLatency(p99Ms)}`, 'strong'),
    note(`  ${formatCount(count)} in the last minute`),
    waiting,
  ]
}

function received({ series }: DemoView, { liveSeries, staleMarkers }: ReceiverView): readonly Span[] {
  const missing = Math.abs(series - liveSeries)
  return [
    span(`${formatCount(liveSeries)} live series`, 'strong'),
    missing === 0 ? span(' = store', 'good') : span(`, ${formatCount(missing)} pending`),
    note(`  ${plural(staleMarkers, 'stale marker')}`),
  ]
}

function pendingSpans({ pending, pendingMarkers }: DemoView): readonly Span[] {
  return [span(`${plural(pending, 'object')}  ${plural(pendingMarkers, 'ended series')}`)]
}

function problemLine({ problem }: DemoView): Line {
  if (problem === undefined) return row('problems', span('none', 'good'))
  const { text, agoMs, count } = problem
  return row('problems', span(text, 'bad'), note(`  ${formatElapsed(agoMs)} ago, ${plural(count, 'warning')}`))
}

/** The view in one line, for output that is not a terminal. */
export function summarize(view: DemoView): string {
  const { sync, objects, series, perSecond, receiver, pending, pendingMarkers, problem, elapsedMs } = view
  const latency = receiver?.latency
  const parts = [
    `synced ${sync.done}/${sync.total}`,
    `${plural(objects, 'object')}, ${plural(series, 'series')}`,
    `${formatCount(perSecond.points)} points/s, ${formatBytes(perSecond.bytes)}/s`,
    ...(latency ? [`changes after p50 ${formatLatency(latency.p50Ms)}, p99 ${formatLatency(latency.p99Ms)}`] : []),
    `pending ${plural(pending, 'object')}, ${plural(pendingMarkers, 'ended series')}`,
    ...(receiver ? [`received ${formatCount(receiver.liveSeries)} live series`] : []),
    ...(problem ? [`${plural(problem.count, 'warning')}, latest: ${problem.text}`] : []),
  ]
  return `${formatElapsed(elapsedMs).padStart(6)}  ${parts.join(' | ')}`
}
