/** The exporters that are measured, and the Collector between them and the receiver. */

import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { bundleFile } from '../program/bundle.ts'
import type { Sink } from '../program/sink-process.ts'

/** An exporter with its addresses on loopback. */
export interface Exporter {
  readonly name: string
  readonly command: readonly string[]
  readonly metricsUrl: string
  readonly readyUrl: string
  /** Whether it sends by itself; otherwise it is scraped. */
  readonly isPushing: boolean
}

export interface ExporterPorts {
  readonly metrics: number
  readonly telemetry: number
}

const scrapeInterval = '30s'

/** The flags that both exporters have. */
const commonFlags = (kubeconfig: string, { metrics, telemetry }: ExporterPorts) => [
  `--kubeconfig=${kubeconfig}`,
  '--host=127.0.0.1',
  `--port=${metrics}`,
  '--telemetry-host=127.0.0.1',
  `--telemetry-port=${telemetry}`,
  '--enable-gzip-encoding',
]

const urls = ({ metrics, telemetry }: ExporterPorts) => ({
  metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
  readyUrl: `http://127.0.0.1:${telemetry}/readyz`,
})

export interface ProductOptions {
  readonly otlpAddress: string
  /** The memory limit of the container in MiB. */
  readonly limit: number | undefined
}

/** The bundle, with V8's option of the image: half of the container's memory for the heap. */
export function productExporter(
  kubeconfig: string,
  ports: ExporterPorts,
  { otlpAddress, limit }: ProductOptions,
): Exporter {
  return {
    name: 'kube-state-otlp',
    command: [
      process.execPath,
      ...(limit === undefined ? [] : [`--max-old-space-size=${Math.floor(limit / 2)}`]),
      bundleFile,
      'run',
      ...commonFlags(kubeconfig, ports),
      '--log-level=warn',
      `--otlp-endpoint=http://${otlpAddress}`,
    ],
    ...urls(ports),
    isPushing: true,
  }
}

export function kubeStateMetricsExporter(program: string, kubeconfig: string, ports: ExporterPorts): Exporter {
  return {
    name: 'kube-state-metrics',
    command: [program, ...commonFlags(kubeconfig, ports)],
    ...urls(ports),
    isPushing: false,
  }
}

/** In PEERS_BIN or on PATH. Throws with what to do if it is missing. */
export function findKubeStateMetrics(env: NodeJS.ProcessEnv = process.env): string {
  const folders = [env.PEERS_BIN ?? '', ...(env.PATH ?? '').split(delimiter)].filter((folder) => folder !== '')
  const found = folders.map((folder) => join(folder, 'kube-state-metrics')).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error('kube-state-metrics is missing: put the program of one of its releases on PATH or in PEERS_BIN')
}

/** The file of a Collector that sends to the receiver in batches: what is pushed to it, or what it scrapes. */
export function writeCollectorConfig(
  folder: string,
  otlpPort: number,
  sink: Pick<Sink, 'httpAddress'>,
  scraped: string | undefined,
): string {
  const scrape = {
    job_name: 'kube-state-metrics',
    honor_labels: true,
    scrape_interval: scrapeInterval,
    scrape_timeout: scrapeInterval,
    static_configs: [{ targets: [scraped] }],
  }
  const receivers =
    scraped === undefined
      ? { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${otlpPort}` } } } }
      : { prometheus: { config: { scrape_configs: [scrape] } } }
  const file = join(folder, 'collector.yaml')
  const config = {
    receivers,
    processors: { batch: { send_batch_size: 8192, send_batch_max_size: 8192 } },
    exporters: { otlp_http: { endpoint: `http://${sink.httpAddress}`, tls: { insecure: true } } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: Object.keys(receivers), processors: ['batch'], exporters: ['otlp_http'] } },
    },
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}
