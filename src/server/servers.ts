/** Starts and stops both HTTP servers together; metrics-server.ts and telemetry-server.ts have their routes. */
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { AdmissionLimits } from './admission.ts'
import { closeWithin, listen } from './http-server.ts'
import type { ListenOptions } from './listen-error.ts'
import type { PageRequest } from './metrics-server.ts'
import { createMetricsServer } from './metrics-server.ts'
import type { HttpLimits } from './node-server.ts'
import type { MetricsPage } from './page-writer.ts'
import type { Authorise } from './request-guard.ts'
import type { StatusSource } from './status/status.ts'
import type { Readiness } from './telemetry-server.ts'
import { createTelemetryServer } from './telemetry-server.ts'
import { createWebConfig } from './web-config/web-config.ts'

export interface ServersOptions {
  version: string
  log: Log
  metrics: SelfMetrics
  /** `--host` and `--port`. */
  metricsListen: ListenOptions
  /** `--telemetry-host` and `--telemetry-port`. */
  telemetryListen: ListenOptions
  openPage(request: PageRequest): MetricsPage
  selfPage(): Promise<string>
  readiness(): Readiness
  /** What the page at `/` of the telemetry port shows; a list of links if omitted. */
  status?: StatusSource | undefined
  /** What the series cost, as JSON on the telemetry port; not served if omitted. */
  cardinality?: (() => Promise<object>) | undefined
  /** Compress pages for scrapers that accept it. */
  gzip: boolean
  limits: HttpLimits
  scrapes: AdmissionLimits
  /** `--tls-config`: the web configuration file of both servers; none is plain HTTP for everybody. */
  webConfigFile?: string | undefined
  /** How often the files of the web configuration are looked at; 5 s when left out. */
  webConfigPollMs?: number
  /** Whether profiles of the process can be taken on the telemetry port; off if omitted. */
  profiling?: boolean | undefined
  /** Authorizes requests for all paths except `/`, the probes and readiness. All requests are accepted if omitted. */
  authorise?: Authorise | undefined
}

export interface Servers {
  metricsAddress: ListenOptions
  telemetryAddress: ListenOptions
  /** Reads the web configuration again if it has changed, without waiting for the next look at its files. */
  reloadWebConfig(): void
  /** Lets running requests end for at most `graceMs`, then closes their connections. */
  close(graceMs: number): Promise<void>
}

/** Starts both servers. Throws WebConfigError or ListenError, and then neither listens. */
export async function createServers(options: ServersOptions): Promise<Servers> {
  const { log, webConfigFile: path, webConfigPollMs = 5000, authorise } = options
  const gate = createLogGate(log, 60_000)
  const web = path === undefined ? undefined : createWebConfig({ path, log, usesTokens: authorise !== undefined })
  const security = { web, authorise }
  const metricsServer = createMetricsServer({ ...options, gate, security })
  const telemetryServer = createTelemetryServer({ ...options, gate, security })
  /** It runs in a timer and in a signal handler, where an exception would end the process. */
  const reloadWebConfig = (): void => {
    try {
      web?.reload()
    } catch (err) {
      gate.warn('server/web-config', { path, err }, 'the web configuration could not be reloaded; please report it')
    }
  }
  const polling = web && setInterval(reloadWebConfig, webConfigPollMs).unref()
  const close = async (graceMs: number): Promise<void> => {
    clearInterval(polling)
    await Promise.all([closeWithin(metricsServer, graceMs), closeWithin(telemetryServer, graceMs)])
  }
  try {
    const metricsFlags = { host: '--host', port: '--port' }
    const telemetryFlags = { host: '--telemetry-host', port: '--telemetry-port' }
    const metricsAddress = await listen(metricsServer, options.metricsListen, metricsFlags)
    const telemetryAddress = await listen(telemetryServer, options.telemetryListen, telemetryFlags)
    return { metricsAddress, telemetryAddress, reloadWebConfig, close }
  } catch (error) {
    await close(0)
    throw error
  }
}
