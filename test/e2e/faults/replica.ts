/** One process of the product between two network paths: that to the API server and that to the Collector. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from '../peers.ts'
import type { ClusterFacts } from '../real-cluster.ts'
import type { Receivers } from '../receivers.ts'
import { fetchText } from '../receivers.ts'
import { parsePage } from '../series.ts'
import type { NetworkPath } from './network-path.ts'
import { createNetworkPath } from './network-path.ts'

export interface Replica {
  readonly name: string
  readonly peer: Peer
  readonly toApi: NetworkPath
  readonly toCollector: NetworkPath
  /** The series of object state on its page. */
  series(): Promise<Map<string, number>>
  /** A self-metric on the telemetry port: the sum of its samples, or of those with this label. */
  selfMetric(name: string, label?: string): Promise<number>
  /** No push request has taken longer: the upper bound of the slowest one's histogram bucket, in seconds. */
  slowestPushSeconds(): Promise<number>
  readyz(): Promise<string>
  /** Waits until /readyz has the line. */
  untilLine(line: string): Promise<void>
  close(): Promise<void>
}

export interface ReplicaOptions {
  readonly facts: ClusterFacts
  readonly folder: string
  readonly receivers: Receivers
  readonly name: string
  readonly flags: readonly string[]
  /** The path of a kubeconfig, instead of that of the cluster's administrator over the network path. */
  readonly kubeconfig?: string
  readonly env?: NodeJS.ProcessEnv
  /** Options of Node.js itself. */
  readonly nodeFlags?: readonly string[]
  /** A shell command around `"$@"`, the product's command line. */
  readonly shell?: string
  /** That of another replica: both push to the same endpoint, as replicas of one installation do. One of its own by default. */
  readonly toCollector?: NetworkPath
  /** Called before the process starts. */
  readonly prepare?: (paths: Pick<Replica, 'toApi' | 'toCollector'>) => unknown
  /** False: does not wait until it is ready. */
  readonly untilReady?: boolean
}

/** Starts it, and waits until it is ready. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { facts, folder, receivers, name, shell, untilReady = true } = options
  mkdirSync(folder, { recursive: true })
  const toApi = await createNetworkPath(Number(new URL(facts.apiUrl).port))
  const toCollector = options.toCollector ?? (await createNetworkPath(receivers.otlpPort))
  await options.prepare?.({ toApi, toCollector })
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const kubeconfig = options.kubeconfig ?? forPath(facts, join(folder, `${name}.kubeconfig`), toApi.port)
  const command = [
    process.execPath,
    ...(options.nodeFlags ?? []),
    'bin/kube-state-otlp.js',
    `--kubeconfig=${kubeconfig}`,
    `--otlp-endpoint=http://127.0.0.1:${toCollector.port}`,
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
    ...options.flags,
  ]
  const wrapped = shell === undefined ? command : ['sh', '-c', shell, 'sh', ...command]
  const { KUBECONFIG: _, ...outside } = process.env
  const peer = startPeer(name, wrapped, folder, { ...outside, ...options.env })
  const telemetry = `http://127.0.0.1:${telemetryPort}`
  const readyz = () => fetchText(`${telemetry}/readyz`)
  if (untilReady) await waitForUrl(`${telemetry}/readyz`)
  return {
    name,
    peer,
    toApi,
    toCollector,
    series: async () => parsePage(await fetchText(`http://127.0.0.1:${port}/metrics`)),
    selfMetric: async (metric, label) => sumOf(await fetchText(`${telemetry}/metrics`), metric, label),
    slowestPushSeconds: async () => slowestBucket(await fetchText(`${telemetry}/metrics`)),
    readyz,
    untilLine: async (line) => {
      await waitFor(`${name}: ${line}`, async () => ((await readyz()).includes(line) ? true : undefined), 120_000)
    },
    async close() {
      await peer.stop('SIGKILL')
      await toApi.close()
      await toCollector.close()
    },
  }
}

/** The cluster's kubeconfig with the port of a network path; TLS is still that of the API server. */
function forPath({ kubeconfig }: ClusterFacts, path: string, port: number): string {
  const content = JSON.parse(readFileSync(kubeconfig, 'utf8'))
  content.clusters[0].cluster.server = `https://127.0.0.1:${port}`
  writeFileSync(path, JSON.stringify(content))
  return path
}

function sumOf(page: string, metric: string, label = ''): number {
  const isMeant = (line: string) => /^[ {]/.test(line.slice(metric.length)) && line.includes(label)
  const lines = page.split('\n').filter((line) => line.startsWith(metric) && isMeant(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

function slowestBucket(page: string): number {
  const buckets = [...page.matchAll(/^kube_state_otlp_push_duration_seconds_bucket\{.*le="([^"]+)".*\} (\d+)/gm)]
  const count = Math.max(0, ...buckets.map(([, , within]) => Number(within)))
  if (count === 0) return 0
  const bounds = buckets.filter(([, , within]) => Number(within) === count).map(([, bound]) => Number(bound))
  return Math.min(...bounds.map((bound) => (Number.isNaN(bound) ? Number.POSITIVE_INFINITY : bound)))
}
