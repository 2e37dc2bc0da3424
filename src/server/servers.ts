/** Starts and stops both HTTP servers together; metrics-server.ts and telemetry-server.ts have their routes. */
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { AdmissionLimits } from './admission.ts'
import type { HttpLimits, ListenOptions } from './http-server.ts'
import { closeWithin, listen } from './http-server.ts'
import type { PageRequest } from './metrics-server.ts'
import { createMetricsServer } from './metrics-server.ts'
import type { MetricsPage } from './page-writer.ts'
import type { Readiness } from './telemetry-server.ts'
import { createTelemetryServer } from './telemetry-server.ts'

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
  /** Compress pages for scrapers that accept it. */
  gzip: boolean
  limits: HttpLimits
  scrapes: AdmissionLimits
}

export interface Servers {
  metricsAddress: ListenOptions
  telemetryAddress: ListenOptions
  /** Lets running requests end for at most `graceMs`, then closes their connections. */
  close(graceMs: number): Promise<void>
}

/** Starts both servers. Throws ListenError, and then neither listens. */
export async function createServers(options: ServersOptions): Promise<Servers> {
  const gate = createLogGate(options.log, 60_000)
  const metricsServer = createMetricsServer({ ...options, gate })
  const telemetryServer = createTelemetryServer({ ...options, gate })
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([closeWithin(metricsServer, graceMs), closeWithin(telemetryServer, graceMs)])
  }
  try {
    const metricsFlags = { host: '--host', port: '--port' }
    const telemetryFlags = { host: '--telemetry-host', port: '--telemetry-port' }
    const metricsAddress = await listen(metricsServer, options.metricsListen, metricsFlags)
    const telemetryAddress = await listen(telemetryServer, options.telemetryListen, telemetryFlags)
    return { metricsAddress, telemetryAddress, close }
  } catch (error) {
    await close(0)
    throw error
  }
}
