/** Starts the engine inside another program: settings as a value, own resources beside the built-in ones. */

import { readFileSync } from 'node:fs'
import type { MetricProducer } from '@opentelemetry/sdk-metrics'
import packageJson from '../../package.json' with { type: 'json' }
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Settings } from '../config/schema.ts'
import { resources as builtInResources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import type { Log } from '../telemetry/log.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetricProducer } from './metric-producer.ts'
import { startProduct } from './product.ts'

export interface StateMetricsOptions {
  /** The content of a configuration file: `{ resources: { pods: {} }, otlp: { endpoint: 'http://collector:4317' } }`. */
  readonly settings?: Settings
  /** All that may be selected; the built-in resources by default. Own ones must not take the name of another. */
  readonly resources?: readonly AnyResource[]
  /** Read for environment variables; none by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A pino-like log; by default one of our own, to standard error. */
  readonly log?: Log
  /** False: nothing listens, `/metrics` and the probes are left to the embedder. */
  readonly listen?: boolean
}

/** A host and the port that it listens on. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A running engine inside another program. */
export interface StateMetrics {
  /** Where the HTTP servers listen; undefined with `listen: false`. */
  readonly addresses: { readonly metricsAddress: ListenAddress; readonly telemetryAddress: ListenAddress } | undefined
  /** Ready when every selected resource is listed, or known to be forbidden or absent; `lines` lists what is missing. */
  readiness(): { readonly ready: boolean; readonly lines: readonly string[] }
  /** Stops watching, pushes what is pending within `push.shutdown_grace`, closes. Safe to call twice. */
  stop(): Promise<void>
  /** For the `metricProducers` option of a reader of the OpenTelemetry SDK: the same series, by any exporter. */
  readonly metricProducer: MetricProducer
}

/** The settings are not usable; the message has a line for each problem. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const settingsPath = 'settings'

/**
 * Starts to watch, push and serve. Rejects with SettingsError, KubernetesConfigError or ListenError, and then nothing
 * is left running.
 *
 * @example
 * const metrics = await startStateMetrics({
 *   settings: { resources: ['pods', 'nodes'], otlp: { endpoint: 'http://collector:4317' }, push: { interval: '30s' } },
 *   env: process.env,
 *   listen: false,
 * })
 * process.once('SIGTERM', () => metrics.stop())
 */
export async function startStateMetrics(options: StateMetricsOptions = {}): Promise<StateMetrics> {
  const { settings = {}, resources = builtInResources, env = {}, listen = true } = options
  const names = resources.map(({ plural }) => plural)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new SettingsError(`resources: ${twice} is declared twice`)
  const loaded = loadConfig({
    argv: [`--config=${settingsPath}`],
    env,
    readFile: (path) => (path === settingsPath ? JSON.stringify(settings) : readFileSync(path, 'utf8')),
    resources,
  })
  if (!loaded.ok) throw new SettingsError(loaded.problems.map(formatProblem).join('\n'))
  const { config } = loaded
  const log = options.log ?? createLog({ level: config.telemetry.logLevel, format: config.telemetry.logFormat })
  const product = await startProduct({ config, resources, version: packageJson.version, log, loaded, listen })
  const { addresses, readiness, stop, store } = product
  return {
    addresses: addresses && { metricsAddress: addresses.metricsAddress, telemetryAddress: addresses.telemetryAddress },
    readiness,
    stop,
    metricProducer: createMetricProducer(store),
  }
}
