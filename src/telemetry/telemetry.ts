/** Start and end of self-telemetry. Object state never passes through the SDK. */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import type { Log, LogGate } from './log.ts'
import { createLogGate } from './log.ts'
import { observeProcess } from './process-metrics.ts'
import type { SdkProviderOptions } from './sdk-provider.ts'
import type { SelfExporter } from './self-exporter.ts'
import type { SelfMetrics } from './self-metrics.ts'
import { createSelfMetrics } from './self-metrics.ts'
import type { SelfSample } from './self-samples.ts'
import { samplesOf } from './self-samples.ts'

export interface TelemetryOptions extends SdkProviderOptions {
  log: Log
  /** Source revision that the build came from, if known. */
  revision?: string
}

export interface Telemetry {
  metrics: SelfMetrics
  /** Prometheus text (version 0.0.4) of all self-metrics, collected now. */
  page(): Promise<string>
  /** All self-metrics, collected now. */
  samples(): Promise<SelfSample[]>
  /** Sends what is left and stops; gives up after `graceMs`. 0 sends and reports nothing: the program did not start. */
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
  const exporter = provider.startExport()
  return {
    metrics,
    page: () => provider.page(),
    samples: async () => samplesOf(await provider.collect()),
    async shutdown(graceMs = 3000) {
      stopObservingProcess()
      if (graceMs === 0) exporter?.discard()
      else await stopWithin(exporter, graceMs)
      await provider.shutdown()
      diag.disable()
    },
  }
}

async function stopWithin(exporter: SelfExporter | undefined, graceMs: number): Promise<void> {
  const deadline = setTimeout(() => exporter?.close(), graceMs)
  await exporter?.stop()
  clearTimeout(deadline)
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
  metrics.observeGauge('kube_state_metrics_build_info', 'Version of this build, as labels; always 1.', () => [
    { value: 1, attributes },
  ])
}

/** Errors and warnings of the SDK join our log, each kind once per interval. */
function routeDiagnostics(gate: LogGate): void {
  const warn = (...details: unknown[]): void => {
    const reason = details.map((detail) => (detail instanceof Error ? detail.message : String(detail))).join(' ')
    gate.warn(`self-telemetry/sdk/${reason.slice(0, 60)}`, { reason }, 'the OpenTelemetry SDK reports a problem')
  }
  const ignore = (): void => undefined
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
