/** Owns the SDK's provider and its readers: one that renders a page, one that pushes. The only file that commands without telemetry must not load. */
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
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import type { LogGate } from './log.ts'
import type { SelfOtlpOptions } from './self-exporter.ts'
import { createSelfPushReader, selectTemporality } from './self-exporter.ts'

export interface SdkProviderOptions {
  /** Names this process among its replicas: unlike that of object state, it differs between them. */
  serviceInstanceId: string
  version: string
  /** Attributes from the configuration; they win over `OTEL_RESOURCE_ATTRIBUTES`, which wins over our defaults. */
  resourceAttributes?: Readonly<Record<string, string>>
  /** Push is off when left out. */
  otlp?: SelfOtlpOptions | undefined
}

export interface SdkProvider {
  meter: Meter
  /** Collects now and renders Prometheus text. */
  page(): Promise<string>
  /** Pushes what is left and stops. Rejects when that takes longer than `timeoutMillis`. */
  shutdown(options: { timeoutMillis: number }): Promise<void>
}

/** Starts the SDK; pushes begin at once when `otlp` is given. */
export function createSdkProvider(options: SdkProviderOptions, gate: LogGate): SdkProvider {
  const pageReader = new PageReader()
  const provider = new MeterProvider({
    resource: describeSelf(options),
    readers: options.otlp ? [pageReader, createSelfPushReader(options.otlp, gate)] : [pageReader],
  })
  return {
    meter: provider.getMeter('kube-state-otlp', options.version),
    page: () => pageReader.page(),
    shutdown: (shutdownOptions) => provider.shutdown(shutdownOptions),
  }
}

/** Collects when asked, and renders with the Prometheus exporter's serializer but without that exporter's own server. */
class PageReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true)

  constructor() {
    super({ aggregationTemporalitySelector: selectTemporality })
  }

  async page(): Promise<string> {
    const { resourceMetrics, errors } = await this.collect()
    for (const error of errors) diag.error('a self-metric could not be observed', error)
    return this.#serializer.serialize(resourceMetrics)
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
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
