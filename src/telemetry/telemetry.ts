/** Owns the SDK behind our own metrics: provider, page and push. Refuses object state, which never passes through an SDK. */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { Log, LogGate } from './log.ts'
import { createLogGate } from './log.ts'
import { observeProcess } from './process-metrics.ts'
import type { SelfOtlpOptions } from './self-exporter.ts'
import { createSelfPushReader } from './self-exporter.ts'
import type { SelfMetrics } from './self-metrics.ts'
import { createSelfMetrics } from './self-metrics.ts'

export interface TelemetryOptions {
  log: Log
  /** Names this process among its replicas: unlike that of object state, it differs between them. */
  serviceInstanceId: string
  version: string
  /** Source revision that the build came from, if known. */
  revision?: string
  /** Attributes from the configuration; they win over `OTEL_RESOURCE_ATTRIBUTES`, which wins over our defaults. */
  resourceAttributes?: Readonly<Record<string, string>>
  /** Push is off when left out. */
  otlp?: SelfOtlpOptions | undefined
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
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics')
  const pageReader = await createPageReader()
  const pushReader = options.otlp && (await createSelfPushReader(options.otlp, gate))
  const provider = new MeterProvider({
    resource: await describeSelf(options),
    readers: pushReader ? [pageReader, pushReader] : [pageReader],
  })
  const meter = provider.getMeter('kube-state-otlp', options.version)
  const metrics = createSelfMetrics(meter)
  const stopObservingProcess = observeProcess(meter, metrics.observeGauge)
  observeBuildInfo(metrics, options)
  return {
    metrics,
    page: () => pageReader.page(),
    async shutdown(graceMs = 3000) {
      stopObservingProcess()
      await provider.shutdown({ timeoutMillis: graceMs }).catch((error: unknown) => {
        gate.warn('self-telemetry/shutdown', { err: error }, 'the last self-telemetry could not be delivered')
      })
      diag.disable()
    },
  }
}

/** A reader that collects when asked and renders with the Prometheus exporter's serializer, without that exporter's server. */
async function createPageReader() {
  const [{ AggregationTemporality, InstrumentType, MetricReader }, { PrometheusSerializer }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-prometheus'),
  ])
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  class PageReader extends MetricReader {
    constructor() {
      super({
        // Cumulative gauges would show every set ever observed; see self-exporter.ts.
        aggregationTemporalitySelector: (instrument) =>
          instrument === InstrumentType.OBSERVABLE_GAUGE
            ? AggregationTemporality.DELTA
            : AggregationTemporality.CUMULATIVE,
      })
    }

    async page(): Promise<string> {
      const { resourceMetrics, errors } = await this.collect()
      for (const error of errors) diag.error('a self-metric could not be observed', error)
      return serializer.serialize(resourceMetrics)
    }

    protected override async onForceFlush(): Promise<void> {}
    protected override async onShutdown(): Promise<void> {}
  }
  return new PageReader()
}

async function describeSelf(options: TelemetryOptions): Promise<Resource> {
  const { detectResources, resourceAttributesEnvDetector, resourceFromAttributes, serviceNameEnvDetector } =
    await import('@opentelemetry/resources')
  const defaults = resourceFromAttributes({
    'service.name': 'kube-state-otlp',
    'service.instance.id': options.serviceInstanceId,
    'service.version': options.version,
  })
  const environment = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })
  return defaults.merge(environment).merge(resourceFromAttributes({ ...options.resourceAttributes }))
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
