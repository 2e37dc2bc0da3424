/** Product, Collector and Prometheus as a user runs them, and the comparison of the series that each has. */

import { expect } from 'vitest'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import type { ClusterFacts } from './real-cluster.ts'
import type { Receivers } from './receivers.ts'
import { fetchText, startReceivers } from './receivers.ts'
import type { Comparison } from './report.ts'
import type { Difference } from './series.ts'
import { abridge, compareSeries, isEqual, parsePage } from './series.ts'

export interface Stack extends Pick<Receivers, 'query' | 'refusedSamples' | 'killCollector' | 'startCollector'> {
  readonly product: Peer
  /** Waits until the three sets are equal; fails with their differences. */
  expectEqual(when: string): Promise<Comparison>
  /** The product's page. */
  page(): Promise<string>
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

export async function startStack({ facts, folder, flags }: StackOptions): Promise<Stack> {
  const receivers = await startReceivers(facts, folder)
  const endpoint = `--otlp-endpoint=http://127.0.0.1:${receivers.otlpPort}`
  const { peer: product, metricsUrl } = await startProduct({ facts, folder, flags: [endpoint, ...flags] })

  const compareOnce = async () => {
    const expected = parsePage(await fetchText(metricsUrl))
    const atCollector = await receivers.collectorSeries()
    const atPrometheus = await receivers.prometheusSeries()
    const differences = [compareSeries(expected, atCollector), compareSeries(expected, atPrometheus)]
    return { expected, atCollector, atPrometheus, differences }
  }
  return {
    ...receivers,
    product,
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
    async stop() {
      await product.stop()
      await receivers.stop()
    },
  }
}

/** How many pods, Deployments and namespaces a set of series is of. */
export function describeObjects(series: ReadonlyMap<string, number>): string {
  const count = (name: string) => [...series.keys()].filter((text) => text.startsWith(`${name}{`)).length
  return `${count('kube_pod_info')} pods, ${count('kube_deployment_created')} deployments, ${count('kube_namespace_created')} namespaces`
}
