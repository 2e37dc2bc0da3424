/** Runs one exporter, with or without a Collector, through start, rest, scrapes and changes, and measures each. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeClient } from '../../test/e2e/kube-client.ts'
import type { Peer } from '../../test/e2e/peers.ts'
import { startPeer } from '../../test/e2e/peers.ts'
import type { Delays } from '../program/marks.ts'
import { delaysOf } from '../program/marks.ts'
import { scrape } from '../program/page.ts'
import type { MeasuredScrape } from '../program/phases.ts'
import { cheapestScrape, isReady, measureScrape, secondsSince, settleMs, until } from '../program/phases.ts'
import type { Usage } from '../program/process-usage.ts'
import { usageOf } from '../program/process-usage.ts'
import type { Sink } from '../program/sink-process.ts'
import { churnPods } from './churn.ts'
import type { Writable } from './cluster-objects.ts'
import type { Exporter } from './exporters.ts'

/** The exporter first, then the Collector if there is one. */
type PerProcess = readonly number[]

export interface Measured {
  readonly name: string
  readonly series: number
  readonly ready: { readonly seconds: number; readonly cpuSeconds: number }
  /** Until every series arrived at the receiver; undefined if nothing is sent. */
  readonly sent: { readonly seconds: number; readonly cpuSeconds: PerProcess } | undefined
  readonly peakBytes: PerProcess
  readonly steadyBytes: PerProcess
  /** CPU seconds per minute without changes, and points that arrived per minute. */
  readonly idle: { readonly cpuSeconds: PerProcess; readonly points: number }
  readonly page: MeasuredScrape
  readonly compressedPage: MeasuredScrape
  readonly churn: { readonly cpuSeconds: PerProcess; readonly delays: Delays | undefined }
}

export interface MeasureOptions {
  readonly exporter: Exporter
  /** The command line of a Collector between exporter and receiver. */
  readonly collector: readonly string[] | undefined
  readonly sink: Sink
  readonly client: KubeClient
  readonly pods: readonly Writable[]
  readonly seconds: number
  readonly rate: number
  /** Seconds between scrapes while there are changes; undefined for none. */
  readonly scrapeEvery: number | undefined
  /** For logs. */
  readonly folder: string
  readonly report: (line: string) => void
  /** Gets each process that is started: the caller ends them when it is interrupted. */
  readonly onStart: (peer: Peer) => void
}

/** How long after the last change its arrival is awaited: two scrapes and a batch. */
const lateMs = 70_000
const scrapes = 3

export async function measureExporter(options: MeasureOptions): Promise<Measured> {
  const { exporter, collector, folder } = options
  const peers: Peer[] = []
  const start = (name: string, command: readonly string[]) => {
    const peer = startPeer(name, command, folder)
    peers.push(peer)
    options.onStart(peer)
    return peer
  }
  try {
    if (collector !== undefined) start('collector', collector)
    return await measure(options, start(exporter.name, exporter.command), peers)
  } finally {
    for (const peer of peers) await peer.stop('SIGKILL')
  }
}

async function measure(options: MeasureOptions, exporterPeer: Peer, peers: readonly Peer[]): Promise<Measured> {
  const { exporter, sink, seconds, report } = options
  const startedMs = performance.now()
  const usages = () => [exporterPeer, ...peers.filter((peer) => peer !== exporterPeer)].map(({ pid }) => usageOf(pid))
  const isSent = exporter.isPushing || options.collector !== undefined
  const pointsBefore = (await sink.report()).points
  await until(exporterPeer, () => isReady(exporter.readyUrl))
  const ready = { seconds: secondsSince(startedMs), cpuSeconds: usageOf(exporterPeer.pid).cpuSeconds }
  report(`${exporter.name}: ready after ${ready.seconds.toFixed(1)} s`)

  const { series = 0 } = await measureScrape(exporterPeer, exporter.metricsUrl, false)
  const allSent = async () => (await sink.report()).points - pointsBefore >= series
  if (isSent) await until(exporterPeer, allSent)
  const sent = isSent ? { seconds: secondsSince(startedMs), cpuSeconds: cpuOf(usages()) } : undefined
  if (sent) report(`${exporter.name}: ${series} series sent after ${sent.seconds.toFixed(1)} s`)

  await sleep(settleMs)
  const idleFrom = { usages: usages(), points: (await sink.report()).points }
  await sleep(seconds * 1000)
  const idleTo = { usages: usages(), points: (await sink.report()).points }
  const perMinute = 60 / seconds
  const idle = {
    cpuSeconds: differences(idleFrom.usages, idleTo.usages).map((cpu) => cpu * perMinute),
    points: (idleTo.points - idleFrom.points) * perMinute,
  }
  report(`${exporter.name}: ${seconds} s without changes measured`)

  const page = await cheapestScrape(exporterPeer, exporter.metricsUrl, false, scrapes)
  const compressedPage = await cheapestScrape(exporterPeer, exporter.metricsUrl, true, scrapes)
  const churn = await measureChanges(options, usages, isSent)
  return {
    ...{ name: exporter.name, series, ready, sent, idle, page, compressedPage, churn },
    peakBytes: usages().map(({ peakBytes }) => peakBytes),
    steadyBytes: idleTo.usages.map(({ residentBytes }) => residentBytes),
  }
}

const cpuOf = (usages: readonly Usage[]): PerProcess => usages.map(({ cpuSeconds }) => cpuSeconds)
const differences = (from: readonly Usage[], to: readonly Usage[]): PerProcess =>
  to.map(({ cpuSeconds }, i) => cpuSeconds - (from[i]?.cpuSeconds ?? 0))

async function measureChanges(
  { exporter, sink, client, pods, rate, seconds, scrapeEvery, report }: MeasureOptions,
  usages: () => readonly Usage[],
  isSent: boolean,
): Promise<Measured['churn']> {
  const before = usages()
  const scraping = startScrapes(exporter.metricsUrl, scrapeEvery)
  const written = await churnPods(client, pods, rate, seconds)
  const cpuSeconds = differences(before, usages()).map((cpu) => (cpu * 60) / seconds)
  const scraped = await scraping.stop()
  report(`${exporter.name}: ${written.size} changes written in ${seconds} s, ${scraped} scrapes`)
  if (!isSent) return { cpuSeconds, delays: undefined }
  const arrived = async () => new Map((await sink.report()).arrivals)
  const endMs = performance.now() + lateMs
  let arrivals = await arrived()
  while (performance.now() < endMs && [...written.keys()].some((mark) => !arrivals.has(mark))) {
    await sleep(1000)
    arrivals = await arrived()
  }
  return { cpuSeconds, delays: delaysOf(written, arrivals) }
}

/** Scrapes again and again, each time so many seconds after the last page was complete; never if that is undefined. */
function startScrapes(url: string, everySeconds: number | undefined) {
  const stopping = new AbortController()
  const run = async () => {
    let scraped = 0
    for (; everySeconds !== undefined; scraped++) {
      await sleep(everySeconds * 1000, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) break
      await scrape(url, false)
    }
    return scraped
  }
  const running = run()
  return {
    /** Resolves with the number of scrapes when the last one has ended. */
    stop() {
      stopping.abort()
      return running
    },
  }
}
