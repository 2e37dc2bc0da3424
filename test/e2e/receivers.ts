/** A Collector and Prometheus behind it, as a user runs them: where a product pushes to, and what has arrived there. */

import { mkdirSync } from 'node:fs'
import type { CollectorPorts } from './peers.ts'
import { freePort, startCollector, startPrometheus, waitForUrl } from './peers.ts'
import type { ClusterFacts } from './real-cluster.ts'
import { objectStateQuery, parsePage, queryPrometheus } from './series.ts'

export interface Receivers {
  /** Where the Collector receives OTLP over gRPC, on loopback. */
  readonly otlpPort: number
  readonly prometheusUrl: string
  /** The series of object state on the Collector's page. */
  collectorSeries(): Promise<Map<string, number>>
  /** The live series of object state in Prometheus. */
  prometheusSeries(): Promise<Map<string, number>>
  query(query: string): Promise<Map<string, number>>
  /** Samples that Prometheus refused, and that the Collector dropped therefore, since their start. */
  refusedSamples(): Promise<number>
  killCollector(): Promise<void>
  /** SIGSTOP freezes it, SIGCONT thaws it. */
  signalCollector(signal: NodeJS.Signals): void
  startCollector(): Promise<void>
  stop(): Promise<void>
}

const refusals = [
  'prometheus_tsdb_out_of_order_samples_total',
  'prometheus_tsdb_too_old_samples_total',
  'prometheus_tsdb_out_of_bound_samples_total',
  'prometheus_target_scrapes_sample_duplicate_timestamp_total',
]

/** Rejects when the response takes longer than a minute. */
export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  return response.text()
}

/** Samples that a Prometheus refused as out of order, too old or doubled. It does not count those that are too far ahead. */
export async function refusedSamples(prometheusUrl: string): Promise<number> {
  const text = await fetchText(`${prometheusUrl}/metrics`)
  const lines = text.split('\n').filter((line) => refusals.some((name) => line.startsWith(name)))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Data points that a Collector logged as dropped: all of a request that Prometheus has refused in part. */
function droppedItems(log: string): number {
  return [...log.matchAll(/"dropped_items": (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** `folder` gets configuration, data and logs. `alsoTo`: the URL of an OTLP receiver over HTTP that gets what Prometheus gets. */
export async function startReceivers(
  { programs }: Pick<ClusterFacts, 'programs'>,
  folder: string,
  alsoTo?: string,
): Promise<Receivers> {
  mkdirSync(folder, { recursive: true })
  const [otlp = 0, page = 0, health = 0, prometheusPort = 0] = await Promise.all(Array.from({ length: 4 }, freePort))
  const ports: CollectorPorts = { otlp, page, health }
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`
  const prometheus = startPrometheus(programs, folder, prometheusPort)
  await waitForUrl(`${prometheusUrl}/-/ready`)
  let collector = startCollector(programs, folder, ports, prometheusPort, alsoTo)
  await waitForUrl(`http://127.0.0.1:${health}/`)
  return {
    otlpPort: otlp,
    prometheusUrl,
    collectorSeries: async () => parsePage(await fetchText(`http://127.0.0.1:${page}/metrics`)),
    prometheusSeries: () => queryPrometheus(prometheusUrl, objectStateQuery),
    query: (query) => queryPrometheus(prometheusUrl, query),
    refusedSamples: async () => Math.max(await refusedSamples(prometheusUrl), droppedItems(collector.log())),
    killCollector: () => collector.stop('SIGKILL'),
    signalCollector: (signal) => void process.kill(collector.pid, signal),
    async startCollector() {
      collector = startCollector(programs, folder, ports, prometheusPort, alsoTo)
      await waitForUrl(`http://127.0.0.1:${health}/`)
    },
    async stop() {
      await collector.stop('SIGKILL')
      await prometheus.stop('SIGKILL')
    },
  }
}
