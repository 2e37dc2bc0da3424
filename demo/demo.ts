/** A running demo: the simulated environment, the product, and the measurements of both. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '../simulator/api/object-store.ts'
import type { Arrival } from '../simulator/otlp/live-set.ts'
import type { OtlpReceiver } from '../simulator/otlp/receiver.ts'
import type { Config } from '../src/config/config.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import { createObjectSeries, objectKey } from '../src/inspect/object-series.ts'
import type { Product } from '../src/runtime/product.ts'
import { startBuiltIn } from '../src/runtime/start-built-in.ts'
import type { ChangeTracker } from './change-tracker.ts'
import { createChangeTracker } from './change-tracker.ts'
import type { Environment } from './demo-environment.ts'
import { createEnvironment } from './demo-environment.ts'
import type { Latencies } from './latencies.ts'
import { createLatencies } from './latencies.ts'
import type { ProblemLog } from './problem-log.ts'
import { fetchPushCounts } from './push-counts.ts'
import type { Totals } from './rate-meter.ts'
import { createRateMeter } from './rate-meter.ts'
import type { RefreshMeter } from './refresh-meter.ts'
import { createRefreshMeter } from './refresh-meter.ts'
import type { DemoSettings } from './settings.ts'
import type { DemoView, ReceiverView } from './view.ts'

export interface DemoOptions {
  readonly settings: DemoSettings
  readonly version: string
  /** False if the product sends to the user's Collector. */
  readonly hasReceiver: boolean
  /** The configuration of the product. Prints all problems and resolves with undefined if it is invalid. */
  readonly configure: (places: {
    readonly kubeconfigPath: string
    readonly receiverUrl: string | undefined
  }) => Promise<LoadedConfig | undefined>
  readonly log: ProblemLog
}

export interface Demo {
  readonly settings: DemoSettings
  readonly config: Config
  readonly environment: Environment
  readonly product: Product
  readonly metricsUrl: string
  /** The URL of the self-metrics. */
  readonly selfUrl: string
  /** The URL of the status page. */
  readonly statusUrl: string
  readonly log: ProblemLog
  readonly observer: Observer
  readonly latencies: Latencies
  elapsedMs(): number
  /** The time from the start until every resource was synced; undefined before. */
  syncedAfterMs(): number | undefined
  /** To be called about once a second; rates are computed between calls. */
  view(): Promise<DemoView>
}

const pollMs = 50

/** Starts the demo. Resolves with undefined if the configuration is invalid; rejects with StartRefusal after cleaning up. */
export async function startDemo(options: DemoOptions): Promise<Demo | undefined> {
  const { settings, hasReceiver, configure, version, log } = options
  const startedMs = performance.now()
  const elapsedMs = () => performance.now() - startedMs
  let observer: Observer | undefined
  const environment = await createEnvironment({
    settings,
    hasReceiver,
    onChange: (plural, event) => observer?.changed(plural, event),
    onArrival: (arrival) => observer?.arrived(arrival),
  })
  try {
    const { kubeconfigPath, receiver } = environment
    const receiverUrl = receiver && `http://${receiver.grpcAddress}`
    const loaded = await configure({ kubeconfigPath, receiverUrl })
    if (loaded === undefined) {
      await environment.close()
      return undefined
    }
    const { config } = loaded
    const latencies = createLatencies()
    observer = createObserver(config, latencies)
    const product = await startBuiltIn(loaded, version, { destination: log })
    environment.startChurn()
    const syncedAfterMs = watchSync(product, elapsedMs, observer)
    const metricsUrl = urlOf(product.addresses?.metricsAddress, '/metrics')
    const selfUrl = urlOf(product.addresses?.telemetryAddress, '/metrics')
    const statusUrl = urlOf(product.addresses?.telemetryAddress, '/')
    const parts = {
      settings,
      config,
      environment,
      product,
      metricsUrl,
      selfUrl,
      statusUrl,
      log,
      observer,
      latencies,
      elapsedMs,
      syncedAfterMs,
    }
    return { ...parts, view: createViewer(parts, version) }
  } catch (error) {
    await environment.close()
    throw error
  }
}

/** Measures changes in the cluster and arrivals at the receiver. */
export interface Observer {
  changed(plural: string, event: StoredEvent): void
  arrived(arrival: Arrival): void
  /** Starts measuring the latency of changes. */
  begin(): void
  readonly changes: number
  /** Number of live series of object state at the receiver. */
  readonly liveSeries: number
  readonly tracker: ChangeTracker
  readonly refresh: RefreshMeter
}

function createObserver({ selection }: Config, latencies: Latencies): Observer {
  const series = createObjectSeries(selection)
  const tracker = createChangeTracker(latencies)
  const refresh = createRefreshMeter()
  let isTiming = false
  let changes = 0
  let liveSeries = 0
  return {
    tracker,
    refresh,
    changed(plural, { type, object, previous }) {
      changes++
      if (!isTiming) return
      const { namespace = '', name } = object.metadata
      const print = (value: object | undefined) => (value ? series.fingerprint({ plural, value }) : '')
      const after = type === 'DELETED' ? '' : print(object)
      tracker.changed({ owner: objectKey(plural, namespace, name), before: print(previous), after, atMs: Date.now() })
    },
    arrived({ name, attributes, change, previous, timeMs, arrivedMs }) {
      const labels = () => (wanted: string) => attributes.find(([key]) => key === wanted)?.[1]?.toString()
      const owner = series.ownerOf(name, labels())
      if (owner === undefined) return
      if (change === 'appeared') liveSeries++
      else if (change === 'ended' && previous !== undefined) liveSeries--
      const isNew = change !== 'refreshed'
      if (isNew) tracker.arrived(owner, timeMs, arrivedMs)
      refresh.arrived({ owner, sentMs: timeMs, isNew })
    },
    begin() {
      isTiming = true
    },
    get changes() {
      return changes
    },
    get liveSeries() {
      return liveSeries
    },
  }
}

/** Records when every resource is synced, and starts the measurement once the initial objects have been pushed. */
function watchSync({ store }: Product, elapsedMs: () => number, observer: Observer): () => number | undefined {
  let synced: { readonly afterMs: number; readonly atMs: number } | undefined
  const watch = setInterval(() => {
    if (!store.registry.layouts.every(({ id }) => store.isSynced(id))) return
    synced ??= { afterMs: elapsedMs(), atMs: performance.now() }
    const [ledger] = store.ledgers
    if (ledger === undefined || (ledger.oldestChange() ?? Number.POSITIVE_INFINITY) <= synced.atMs) return
    observer.begin()
    clearInterval(watch)
  }, pollMs)
  watch.unref()
  return () => synced?.afterMs
}

/** `http://127.0.0.1:8080/metrics` */
function urlOf(address: { readonly host: string; readonly port: number } | undefined, path: string): string {
  const { host = '', port = 0 } = address ?? {}
  const isEverywhere = host === '::' || host === '0.0.0.0'
  return `http://${isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}${path}`
}

type Viewed = Omit<Demo, 'view'>

function createViewer(demo: Viewed, version: string): Demo['view'] {
  const { settings, config, environment, product, observer, metricsUrl, selfUrl, statusUrl } = demo
  const rates = createRateMeter()
  const changeRates = createRateMeter()
  return async () => {
    const totals = await readTotals(demo)
    const nowMs = demo.elapsedMs()
    const noTotals = { points: observer.changes, bytes: 0, requests: 0 }
    return {
      version,
      settings,
      elapsedMs: nowMs,
      metricsUrl,
      selfUrl,
      statusUrl,
      endpoint: config.otlp.endpoint?.url ?? '',
      ...storeView(product, demo.syncedAfterMs()),
      perSecond: rates.read(nowMs, totals),
      changesPerSecond: changeRates.read(nowMs, noTotals).points,
      receiver: environment.receiver && viewReceiver(demo, environment.receiver.liveSet.counters.staleMarkers),
      problem: viewProblem(demo.log),
      rssBytes: process.memoryUsage.rss(),
    }
  }
}

/** From the receiver, or from the self-metrics if the product sends to the user's Collector. */
async function readTotals({ environment: { receiver }, selfUrl }: Viewed): Promise<Totals> {
  return receiver ? receivedTotals(receiver) : fetchPushCounts(selfUrl)
}

/** The totals of the receiver. */
export function receivedTotals({ liveSet, received: { bytes } }: OtlpReceiver): Totals {
  const { points, requests } = liveSet.counters
  return { points, bytes, requests }
}

function storeView({ store }: Product, tookMs: number | undefined) {
  const ids = store.registry.layouts.map(({ id }) => id)
  const sum = (count: (resource: number) => number) => ids.reduce((total, id) => total + count(id), 0)
  return {
    sync: { done: ids.filter(store.isSynced).length, total: ids.length, tookMs },
    objects: sum(store.objects),
    series: sum(store.series),
    pending: [...store.ledgers][0]?.pending ?? 0,
    pendingMarkers: [...store.ledgers][0]?.pendingMarkers ?? 0,
  }
}

function viewReceiver({ observer, latencies }: Viewed, staleMarkers: number): ReceiverView {
  return {
    liveSeries: observer.liveSeries,
    staleMarkers,
    refresh: observer.refresh.evenness(),
    latency: latencies.recent(Date.now()),
    pending: observer.tracker.pending,
  }
}

function viewProblem(log: ProblemLog): DemoView['problem'] {
  const last = log.last()
  return last && { text: last.text, agoMs: Date.now() - last.atMs, count: log.count }
}

/** Polls until the condition holds; resolves with false after `withinMs`. */
export async function waitUntil(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    if (await holds()) return true
    if (performance.now() >= deadlineMs) return false
    await sleep(pollMs)
  }
}
