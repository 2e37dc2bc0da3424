/** The OpenTelemetry SDK: a provider of instruments and one reader. Loaded only where self-telemetry runs. */
import type { Meter } from '@opentelemetry/api'
import { diag } from '@opentelemetry/api'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import type { Resource } from '@opentelemetry/resources'
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, InstrumentType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import type { LogGate } from './log.ts'
import type { SelfExporter, SelfExportOptions } from './self-exporter.ts'
import { startSelfExporter } from './self-exporter.ts'

export interface SdkProviderOptions {
  /** Names this process among its replicas: unlike that of object state, it differs between them. */
  serviceInstanceId: string
  version: string
  /** Attributes from the configuration; they win over `OTEL_RESOURCE_ATTRIBUTES`, which wins over our defaults. */
  resourceAttributes?: Readonly<Record<string, string>>
  /** Left out: self-metrics are not pushed. */
  otlp?: SelfExportOptions | undefined
}

export interface SdkProvider {
  meter: Meter
  /** Collects now and renders Prometheus text. */
  page(): Promise<string>
  /** Collects now. */
  collect(): Promise<ResourceMetrics>
  /** Begins to push, if that is configured. */
  startExport(): SelfExporter | undefined
  shutdown(): Promise<void>
}

export function createSdkProvider(options: SdkProviderOptions, gate: LogGate): SdkProvider {
  const reader = new OnDemandReader()
  const provider = new MeterProvider({ resource: describeSelf(options), readers: [reader] })
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  return {
    meter: provider.getMeter('kube-state-otlp', options.version),
    collect: () => reader.read(),
    page: async () => serializer.serialize(await reader.read()),
    startExport: () => options.otlp && startSelfExporter(options.otlp, () => reader.read(), gate),
    shutdown: () => provider.shutdown(),
  }
}

/** Collects when asked: for the page and for the push, which share one state of the instruments. */
class OnDemandReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: selectTemporality })
  }

  async read(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect()
    for (const error of errors) diag.error('a self-metric could not be observed', error)
    return resourceMetrics
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A gauge has no temporality on the wire, but in the SDK a cumulative gauge shows every attribute set it ever observed. */
function selectTemporality(instrument: InstrumentType): AggregationTemporality {
  return instrument === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE
}

function describeSelf(options: SdkProviderOptions): Resource {
  const defaults = resourceFromAttributes({
    'service.name': 'kube-state-otlp',
    'service.instance.id': options.serviceInstanceId,
    'service.version': options.version,
  })
  const environment = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })
  return defaults.merge(environment).merge(resourceFromAttributes({ ...options.resourceAttributes }))
}
