/**
 * The alert rules that kube-prometheus publishes for kube-state-metrics, on the series that a real Prometheus holds after a
 * push: the rules select them unchanged, are quiet while all is well, and fire when something fails (promtool evaluates them).
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Peer } from './peers.ts'
import { freePort, startCollector, startPeer, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import type { Labels } from './promtool.ts'
import { seriesText, testRules } from './promtool.ts'

const facts = inject('cluster')
const local = (port: number) => `127.0.0.1:${port}`

const job = 'job="kube-state-metrics"'
const errorRatio = (metric: string) =>
  `(sum(rate(${metric}{${job},result="error"}[5m])) by (cluster)` +
  ` / sum(rate(${metric}{${job}}[5m])) by (cluster)) > 0.01`

/** Expressions and waiting times as published; the severity of each is `critical`. */
const alerts = {
  KubeStateMetricsListErrors: errorRatio('kube_state_metrics_list_total'),
  KubeStateMetricsWatchErrors: errorRatio('kube_state_metrics_watch_total'),
  KubeStateMetricsShardingMismatch: `stdvar (kube_state_metrics_total_shards{${job}}) by (cluster) != 0`,
  KubeStateMetricsShardsMissing:
    `2^max(kube_state_metrics_total_shards{${job}}) by (cluster) - 1` +
    ` - sum( 2 ^ max by (cluster, shard_ordinal) (kube_state_metrics_shard_ordinal{${job}}) ) by (cluster) != 0`,
}
type Alert = keyof typeof alerts
const names = Object.keys(alerts) as Alert[]

const running: Peer[] = []
let prometheusUrl = ''
let product: Peer
let held: readonly Labels[] = []

/** The label sets of an instant query. */
async function query(text: string): Promise<Labels[]> {
  const body = new URLSearchParams({ query: text })
  const response = await fetch(`${prometheusUrl}/api/v1/query`, { method: 'POST', body })
  const { data } = (await response.json()) as { data: { result: { metric: Labels }[] } }
  return data.result.map(({ metric }) => metric)
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-alerts-'))
  const ports = await Promise.all(Array.from({ length: 4 }, freePort))
  const [prometheus = 0, otlp = 0, page = 0, health = 0] = ports
  prometheusUrl = `http://${local(prometheus)}`
  running.push(startPrometheus(facts.programs, folder, prometheus))
  await waitForUrl(`${prometheusUrl}/-/ready`)
  running.push(startCollector(facts.programs, folder, { otlp, page, health }, prometheus))
  await waitForUrl(`http://${local(health)}/`)
  const flags = [
    `--kubeconfig=${facts.kubeconfig}`,
    `--otlp-endpoint=http://${local(otlp)}`,
    '--port=0',
    '--telemetry-port=0',
  ]
  // A streaming list is a watch: paged ones make list_total exist too.
  const others = [
    '--otlp-constant-labels=cluster=prod',
    '--telemetry-instance-id=pod-uid',
    '--kubernetes-watch-list=false',
  ]
  product = startPeer('product', [process.execPath, 'bin/kube-state-otlp.js', ...flags, ...others], folder)
  running.push(product)
  held = await waitFor('the self-metrics in Prometheus', async () => {
    const found = await query(
      `{${job},__name__=~"up|kube_state_metrics_(list|watch)_total|kube_state_metrics_.*shard.*"}`,
    )
    return found.some(({ __name__ }) => __name__ === 'kube_state_metrics_watch_total') ? found : undefined
  })
})

afterAll(async () => {
  for (const peer of running.splice(0).reverse()) await peer.stop('SIGKILL')
})

it('holds up, the counters and the shards under the job, with instance and constant labels', async () => {
  const target = { job: 'kube-state-metrics', instance: 'pod-uid', cluster: 'prod' }
  expect(held).toContainEqual({ __name__: 'up', ...target })
  expect(held).toContainEqual({ __name__: 'kube_state_metrics_total_shards', ...target })
  expect(held).toContainEqual({ __name__: 'kube_state_metrics_shard_ordinal', shard_ordinal: '0', ...target })
  for (const result of ['success', 'error']) {
    const pods = { resource: '*v1.Pod', result, ...target }
    expect(held).toContainEqual({ __name__: 'kube_state_metrics_watch_total', ...pods })
    expect(held).toContainEqual({ __name__: 'kube_state_metrics_list_total', ...pods })
  }
  for (const expression of Object.values(alerts)) expect(await query(expression)).toEqual([])
})

interface Situation {
  /** The notation of promtool for the values of a series, one a minute. */
  readonly values: (series: Labels) => string
  /** Series of other instances. */
  readonly others?: readonly (readonly [Labels, string])[]
  readonly firing: readonly Alert[]
}

const minutes = 40
const constant = (value: number) => `${value}+0x${minutes}`
const rising = (each: number) => `0+${each}x${minutes}`

/** What a healthy process of one shard pushes. */
function healthy({ __name__, result }: Labels): string {
  switch (__name__) {
    case 'up':
    case 'kube_state_metrics_total_shards':
      return constant(1)
    case 'kube_state_metrics_shard_ordinal':
      return constant(0)
    default:
      return result === 'error' ? constant(0) : rising(1)
  }
}

const failing = (metric: string) => (series: Labels) =>
  series.__name__ === metric && series.result === 'error' ? rising(1) : healthy(series)
const ofTwoShards = (series: Labels) =>
  series.__name__ === 'kube_state_metrics_total_shards' ? constant(2) : healthy(series)
const second = (name: string, labels: Labels = {}): Labels => ({
  __name__: name,
  job: 'kube-state-metrics',
  instance: 'another-uid',
  cluster: 'prod',
  ...labels,
})
const secondOrdinal = second('kube_state_metrics_shard_ordinal', { shard_ordinal: '1' })
const secondTotal = second('kube_state_metrics_total_shards')

const situations: Record<string, Situation> = {
  'one process': { values: healthy, firing: [] },
  'lists fail': { values: failing('kube_state_metrics_list_total'), firing: ['KubeStateMetricsListErrors'] },
  'watches fail': { values: failing('kube_state_metrics_watch_total'), firing: ['KubeStateMetricsWatchErrors'] },
  'two shards': {
    values: ofTwoShards,
    others: [
      [secondTotal, constant(2)],
      [secondOrdinal, constant(1)],
    ],
    firing: [],
  },
  'the second of two shards is missing': { values: ofTwoShards, firing: ['KubeStateMetricsShardsMissing'] },
  'shards disagree on their number': {
    values: ofTwoShards,
    others: [
      [secondTotal, constant(3)],
      [secondOrdinal, constant(1)],
    ],
    firing: ['KubeStateMetricsShardingMismatch', 'KubeStateMetricsShardsMissing'],
  },
}

it.each(Object.entries(situations))('%s', (_name, { values, others = [], firing }) => {
  const rules = names.map((alert) => ({ alert, expr: alerts[alert], for: '15m', labels: { severity: 'critical' } }))
  const series = [...held.map((labels) => [labels, values(labels)] as const), ...others]
  const output = testRules(facts, {
    rules: JSON.stringify({ groups: [{ name: 'kube-state-metrics', rules }] }),
    series: series.map(([labels, text]) => ({ series: seriesText(labels), values: text })),
    expected: names.map((alertname) => ({
      eval_time: '35m',
      alertname,
      exp_alerts: firing.includes(alertname) ? [{ exp_labels: { severity: 'critical', cluster: 'prod' } }] : [],
    })),
  })
  expect(output).toBe('')
})

it('a stop ends up and the counters at once, not after five minutes', async () => {
  await product.stop()
  await waitFor('the end of the series', async () =>
    (await query(`{${job},__name__=~"up|kube_state_metrics_.*"}`)).length === 0 ? true : undefined,
  )
})
