/** Owns the start and end of self-telemetry. Refuses object state, which never passes through an SDK. */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import type { Log, LogGate } from './log.ts'
import { createLogGate } from './log.ts'
import { observeProcess } from './process-metrics.ts'
import type { SdkProviderOptions } from './sdk-provider.ts'
import type { SelfMetrics } from './self-metrics.ts'
import { createSelfMetrics } from './self-metrics.ts'

export interface TelemetryOptions extends SdkProviderOptions {
  log: Log
  /** Source revision that the build came from, if known. */
  revision?: string
}

export interface Telemetry {
  metrics: SelfMetrics
  /** Prometheus text (version 0.0.4) of all self-metrics, collected now. */
  page(): Promise<string>
  /** Sends what is left and stops; gives up after `graceMs`. */
  shutdown(graceMs?: number): Promise<void>
}

/** Starts self-telemetry. The SDK is loaded here and not at import, so that commands without telemetry never load it. */
export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const gate = createLogGate(options.log, Math.max(options.otlp?.intervalMs ?? 0, 60_000))
  routeDiagnostics(gate)
  const { createSdkProvider } = await import('./sdk-provider.ts')
  const provider = createSdkProvider(options, gate)
  const metrics = createSelfMetrics(provider.meter)
  const stopObservingProcess = observeProcess(provider.meter, metrics.observeGauge)
  observeBuildInfo(metrics, options)
  return {
    metrics,
    page: () => provider.page(),
    async shutdown(graceMs = 3000) {
      stopObservingProcess()
      await provider.shutdown({ timeoutMillis: graceMs }).catch((error: unknown) => {
        gate.warn('self-telemetry/shutdown', { err: error }, 'the last self-telemetry could not be delivered')
      })
      diag.disable()
    },
  }
}

/** The labels that KSM's build information has; what has no meaning here is empty. */
function observeBuildInfo(metrics: SelfMetrics, { version, revision = '' }: TelemetryOptions): void {
  const { arch, platform } = process
  const attributes = {
    branch: '',
    goarch: arch,
    goos: platform,
    goversion: '',
    nodeversion: process.version,
    revision,
    tags: '',
    version,
  }
  metrics.observeGauge('kube_state_metrics_build_info', 'Always 1; its labels describe this build.', () => [
    { value: 1, attributes },
  ])
}

/** The SDK's own complaints join our log, each kind once per interval. */
function routeDiagnostics(gate: LogGate): void {
  const tell = (...details: unknown[]): void => {
    const reason = details.map((detail) => (detail instanceof Error ? detail.message : String(detail))).join(' ')
    gate.warn(`self-telemetry/sdk/${reason.slice(0, 60)}`, { reason }, 'the OpenTelemetry SDK complains')
  }
  const ignore = (): void => undefined
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
