/**
 * The program on a real API server: `npm run bench -- cluster --help`. It starts etcd and kube-apiserver, writes the objects of a
 * simulated cluster to them, and measures the processes from outside.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { backgroundPrograms } from '../scripts/control-plane/background-programs.ts'
import { removeCluster, startCluster } from '../scripts/control-plane/cluster.ts'
import type { ClusterSettings } from '../scripts/control-plane/cluster-settings.ts'
import { apiUrl } from '../scripts/control-plane/cluster-settings.ts'
import { adminToken, credentialFiles } from '../scripts/control-plane/credentials.ts'
import { providePrograms } from '../scripts/control-plane/provide-programs.ts'
import { createKubeClient } from '../test/e2e/kube-client.ts'
import type { Peer } from '../test/e2e/peers.ts'
import { freePort } from '../test/e2e/peers.ts'
import { changeablePods } from './cluster/churn.ts'
import type { Writable } from './cluster/cluster-objects.ts'
import { createObjects } from './cluster/cluster-objects.ts'
import type { Exporter } from './cluster/exporters.ts'
import {
  findKubeStateMetrics,
  kubeStateMetricsExporter,
  productExporter,
  writeCollectorConfig,
} from './cluster/exporters.ts'
import { loadObjects } from './cluster/load.ts'
import type { Measured } from './cluster/measure.ts'
import { measureExporter } from './cluster/measure.ts'
import type { ClusterBenchOptions } from './cluster/options.ts'
import { estimateMinutes, parseOptions, usage } from './cluster/options.ts'
import { renderTable } from './cluster/results-table.ts'
import { measureStarts, renderStarts } from './cluster/resume.ts'
import { buildBundle } from './program/bundle.ts'
import { runCommand } from './program/command.ts'
import { startSink } from './program/sink-process.ts'

const report = (line: string) => console.log(line)

async function run(options: ClusterBenchOptions): Promise<void> {
  if (process.platform !== 'linux') throw new Error('this benchmark reads /proc, which only Linux has')
  buildBundle()
  const kubeStateMetrics = options.kubeStateMetrics ? findKubeStateMetrics() : undefined
  const { collector, limit, pods, rate, seconds } = options
  const phases = options.resume ? 'four starts' : `${rate} changes per second, phases of ${seconds} s`
  report(`${pods} pods, ${phases}: about ${estimateMinutes(options)} minutes`)
  const programs = await providePrograms(['etcd', 'kube-apiserver', ...(collector ? ['otelcol'] : [])], report)
  const folder = mkdtempSync(join(tmpdir(), 'bench-cluster-'))
  const settings = await clusterSettings(programs, join(folder, 'cluster'))
  const remove = async () => {
    await removeCluster(settings)
    rmSync(folder, { recursive: true, force: true })
  }
  const peers: Peer[] = []
  // Neither the cluster nor the measured processes end with this one.
  const interrupt = async () => {
    await Promise.all(peers.map((peer) => peer.stop('SIGKILL')))
    await remove()
  }
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void interrupt().finally(() => process.exit(1)))
  try {
    const kubeconfig = await startCluster(settings)
    const client = createKubeClient({
      apiUrl: apiUrl(settings),
      ca: readFileSync(credentialFiles(settings.state).ca, 'utf8'),
      token: adminToken,
    })
    const objects = createObjects(pods)
    await load(client, objects)
    if (options.resume) {
      await compareStarts({ kubeconfig, client, folder, settings, pods, peers })
      return
    }
    const measureOne = async (create: (otlpAddress: string) => Promise<Exporter>) =>
      measureWithSink(create, { options, programs, folder, client, peers, pods: changeablePods(objects.at(-1) ?? []) })
    const results: Measured[] = [
      await measureOne(async (otlpAddress) =>
        productExporter(kubeconfig, await exporterPorts(), { otlpAddress, limit }),
      ),
    ]
    if (kubeStateMetrics !== undefined) {
      const create = async () => kubeStateMetricsExporter(kubeStateMetrics, kubeconfig, await exporterPorts())
      results.push(await measureOne(create))
    }
    client.close()
    report(`\n${pods} pods, ${collector ? 'with' : 'without'} a Collector; load average ${loadavg()[0]?.toFixed(0)}\n`)
    report(renderTable(results))
  } finally {
    await remove()
  }
}

interface StartsRun extends Pick<Surroundings, 'client' | 'folder' | 'peers'> {
  readonly kubeconfig: string
  readonly settings: ClusterSettings
  readonly pods: number
}

async function compareStarts({ kubeconfig, client, folder, settings, pods, peers }: StartsRun): Promise<void> {
  const { pid } = backgroundPrograms(settings.state)
  const sink = await startSink()
  try {
    const [apiServer = 0, etcd = 0] = [pid('apiserver'), pid('etcd')]
    const onStart = (peer: Peer) => void peers.push(peer)
    const starts = await measureStarts({ kubeconfig, client, sink, apiServer, etcd, folder, report, onStart })
    report(`\n${pods} pods; load average ${loadavg()[0]?.toFixed(0)}\n`)
    report(renderStarts(starts))
  } finally {
    client.close()
    await sink.stop()
  }
}

async function clusterSettings(programs: string, state: string): Promise<ClusterSettings> {
  const [api, etcd, etcdPeer] = [await freePort(), await freePort(), await freePort()]
  const ports = { api, etcd, etcdPeer }
  return { programs, state, ports, hasControllers: false, apiFlags: [], authorization: 'RBAC' }
}

const exporterPorts = async () => ({ metrics: await freePort(), telemetry: await freePort() })

async function load(client: ReturnType<typeof createKubeClient>, objects: readonly (readonly Writable[])[]) {
  const loaded = await loadObjects(client, objects, report)
  report(`${loaded.objects} objects written in ${loaded.seconds.toFixed(0)} s`)
  for (const [plural, { count, message }] of loaded.rejected) {
    report(`  ${count} ${plural} or their statuses were rejected, the first with: ${message.slice(0, 300)}`)
  }
}

interface Surroundings {
  readonly options: ClusterBenchOptions
  readonly programs: string
  readonly folder: string
  readonly client: ReturnType<typeof createKubeClient>
  readonly pods: readonly Writable[]
  /** Gets the processes that are started. */
  readonly peers: Peer[]
}

/** With a receiver of its own, and a Collector before it if there is to be one. */
async function measureWithSink(
  create: (otlpAddress: string) => Promise<Exporter>,
  { options, programs, folder, client, pods, peers }: Surroundings,
): Promise<Measured> {
  const sink = await startSink()
  try {
    const otlpPort = await freePort()
    const exporter = await create(options.collector ? `127.0.0.1:${otlpPort}` : sink.grpcAddress)
    const scraped = exporter.isPushing ? undefined : new URL(exporter.metricsUrl).host
    const config = options.collector ? writeCollectorConfig(folder, otlpPort, sink, scraped) : undefined
    const collector = config === undefined ? undefined : [join(programs, 'otelcol'), '--config', config]
    const { seconds, rate, scrapeEvery } = options
    const changes = { pods, seconds, rate, scrapeEvery }
    const onStart = (peer: Peer) => void peers.push(peer)
    return await measureExporter({ exporter, collector, sink, client, ...changes, folder, report, onStart })
  } finally {
    await sink.stop()
  }
}

await runCommand(parseOptions, usage, run)
