/** Owns sending self-metrics by OTLP/gRPC and what is said when that fails. Refuses retries: the next interval is the retry. */
import type { PeriodicExportingMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { LogGate } from './log.ts'

/** Where self-metrics go. What is left out comes from the `OTEL_EXPORTER_OTLP_*` variables, as the specification says. */
export interface SelfOtlpOptions {
  /** `http://host:4317` speaks plain text, `https://…` TLS. */
  url: string
  headers?: Readonly<Record<string, string>>
  intervalMs: number
  /** Deadline of one request; the interval at most, 10 s when left out. */
  timeoutMs?: number
  /** Plain text for an endpoint without a scheme. */
  insecure?: boolean
  compression?: 'gzip' | 'none'
  /** PEM. */
  tls?: { ca?: Buffer; certificate?: Buffer; key?: Buffer }
}

/** Creates the SDK reader that pushes every interval; failures are told through `gate`. Loads the SDK and gRPC. */
export async function createSelfPushReader(
  options: SelfOtlpOptions,
  gate: LogGate,
): Promise<PeriodicExportingMetricReader> {
  const { AggregationTemporality, InstrumentType, PeriodicExportingMetricReader } = await import(
    '@opentelemetry/sdk-metrics'
  )
  const timeoutMs = Math.min(options.timeoutMs ?? 10_000, options.intervalMs)
  const exporter = await createGrpcExporter(options, timeoutMs)
  return new PeriodicExportingMetricReader({
    exporter: tellFailures(exporter, options.url, gate, (instrument) =>
      instrument === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    ),
    exportIntervalMillis: options.intervalMs,
    exportTimeoutMillis: timeoutMs,
  })
}

async function createGrpcExporter(options: SelfOtlpOptions, timeoutMillis: number): Promise<PushMetricExporter> {
  const [{ OTLPMetricExporter }, { credentials, Metadata }] = await Promise.all([
    import('@opentelemetry/exporter-metrics-otlp-grpc'),
    import('@grpc/grpc-js'),
  ])
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value)
  const { insecure, tls, url, compression } = options
  const config: ConstructorParameters<typeof OTLPMetricExporter>[0] = { url, metadata, timeoutMillis }
  if (insecure) config.credentials = credentials.createInsecure()
  else if (tls) config.credentials = credentials.createSsl(tls.ca, tls.key, tls.certificate)
  if (compression) Object.assign(config, { compression })
  return new OTLPMetricExporter(config)
}

type ExportResult = Parameters<Parameters<PushMetricExporter['export']>[1]>[0]

const failureKey = 'self-telemetry/otlp'

/**
 * Wraps `exporter` so that a failure is told once per interval and so is its end. The reader is always told of success: it
 * could only log the failure a second time.
 */
function tellFailures(
  exporter: PushMetricExporter,
  url: string,
  gate: LogGate,
  selectAggregationTemporality: NonNullable<PushMetricExporter['selectAggregationTemporality']>,
): PushMetricExporter {
  const tell = (result: ExportResult): void => {
    // ExportResultCode.SUCCESS; its enum is in a package that is not a dependency of ours.
    if (result.code === 0) gate.recovered(failureKey, 'self-telemetry is delivered again')
    else gate.warn(failureKey, { url, reason: result.error?.message }, 'self-telemetry could not be delivered')
  }
  return {
    export(metrics, done) {
      exporter.export(metrics, (result) => {
        tell(result)
        done({ code: 0 })
      })
    },
    // Gauges have no temporality on the wire; in the SDK it decides whether a set that is no longer observed is sent for ever.
    selectAggregationTemporality,
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
