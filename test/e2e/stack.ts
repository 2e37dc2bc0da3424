/** Product, Collector and Prometheus as a user runs them, and the comparison of the series that each has. */

import { expect } from 'vitest'
import type { CollectorPorts, Peer } from './peers.ts'
import { freePort, startCollector, startPeer, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import type { ClusterFacts } from './real-cluster.ts'
import type { Comparison } from './report.ts'
import type { Difference } from './series.ts'
import { compareSeries, isEqual, objectStateQuery, parsePage, queryPrometheus } from './series.ts'

export interface Stack {
  readonly product: Peer
  /** Waits until the three sets are equal; fails with their differences. */
  expectEqual(when: string): Promise<Comparison>
  query(query: string): Promise<Map<string, number>>
  /** The product's page. */
  page(): Promise<string>
  /** Samples that Prometheus refused as out of order, too old or doubled, since its start. */
  refusedSamples(): Promise<number>
  killCollector(): Promise<void>
  startCollector(): Promise<void>
  stop(): Promise<void>
}

export interface StackOptions {
  readonly facts: ClusterFacts
  readonly folder: string
  readonly flags: readonly string[]
}

/** The product as a process of its own, and its addresses. */
export interface StartedProduct {
  readonly peer: Peer
  readonly metricsUrl: string
  /** Self-metrics, as a page. */
  readonly telemetryUrl: string
}

/** Starts the product on loopback with free ports, and waits until it is ready. */
export async function startProduct({ facts, folder, flags }: StackOptions): Promise<StartedProduct> {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const command = [
    process.execPath,
    'bin/kube-state-otlp.js',
    `--kubeconfig=${facts.kubeconfig}`,
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
    ...flags,
  ]
  const peer = startPeer('product', command, folder)
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  return {
    peer,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    telemetryUrl: `http://127.0.0.1:${telemetryPort}/metrics`,
  }
}

const refusals = [
  'prometheus_tsdb_out_of_order_samples_total',
  'prometheus_tsdb_too_old_samples_total',
  'prometheus_tsdb_out_of_bound_samples_total',
  'prometheus_target_scrapes_sample_duplicate_timestamp_total',
]

export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url)
  return response.text()
}

export async function startStack({ facts, folder, flags }: StackOptions): Promise<Stack> {
  const [otlp, page, health, prometheusPort] = await Promise.all(Array.from({ length: 4 }, freePort))
  const ports = { otlp, page, health } as CollectorPorts
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`
  const prometheus = startPrometheus(facts.programs, folder, prometheusPort as number)
  await waitForUrl(`${prometheusUrl}/-/ready`)
  let collector = startCollector(facts.programs, folder, ports, prometheusPort as number)
  await waitForUrl(`http://127.0.0.1:${health}/`)
  const endpoint = `--otlp-endpoint=http://127.0.0.1:${otlp}`
  const { peer: product, metricsUrl } = await startProduct({ facts, folder, flags: [endpoint, ...flags] })

  const compareOnce = async () => {
    const expected = parsePage(await fetchText(metricsUrl))
    const atCollector = parsePage(await fetchText(`http://127.0.0.1:${page}/metrics`))
    const atPrometheus = await queryPrometheus(prometheusUrl, objectStateQuery)
    const differences = [compareSeries(expected, atCollector), compareSeries(expected, atPrometheus)]
    return { expected, atCollector, atPrometheus, differences }
  }
  return {
    product,
    query: (query) => queryPrometheus(prometheusUrl, query),
    page: () => fetchText(metricsUrl),
    async expectEqual(when) {
      let last: readonly Difference[] = []
      const found = await waitFor(
        `equal series (${when})`,
        async () => {
          const { expected, atCollector, atPrometheus, differences } = await compareOnce()
          last = differences
          return differences.every(isEqual) ? { expected, atCollector, atPrometheus } : undefined
        },
        420_000,
      ).catch((error: unknown) => {
        expect.fail(`${error}\n${JSON.stringify(last.map(abridge), null, 1)}`)
      })
      return {
        objects: describeObjects(found.expected),
        series: found.expected.size,
        collector: found.atCollector.size,
        prometheus: found.atPrometheus.size,
      }
    },
    refusedSamples: () => refusedSamples(prometheusUrl),
    killCollector: () => collector.stop('SIGKILL'),
    async startCollector() {
      collector = startCollector(facts.programs, folder, ports, prometheusPort as number)
      await waitForUrl(`http://127.0.0.1:${health}/`)
    },
    async stop() {
      await product.stop()
      await collector.stop('SIGKILL')
      await prometheus.stop('SIGKILL')
    },
  }
}

/** Samples that a Prometheus refused as out of order, too old or doubled, since its start. */
export async function refusedSamples(prometheusUrl: string): Promise<number> {
  const text = await fetchText(`${prometheusUrl}/metrics`)
  const lines = text.split('\n').filter((line) => refusals.some((name) => line.startsWith(name)))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** How many pods, Deployments and namespaces a set of series is of. */
export function describeObjects(series: ReadonlyMap<string, number>): string {
  const count = (name: string) => [...series.keys()].filter((text) => text.startsWith(`${name}{`)).length
  return `${count('kube_pod_info')} pods, ${count('kube_deployment_created')} deployments, ${count('kube_namespace_created')} namespaces`
}

/** The size of a difference and its first entries, for a message. */
export const abridge = ({ missing, extra, values }: Difference) => ({
  missing: [missing.length, ...missing.slice(0, 5)],
  extra: [extra.length, ...extra.slice(0, 5)],
  values: [values.length, ...values.slice(0, 5)],
})
