/** Owns sending self-metrics by OTLP/gRPC and what is said when that fails. Refuses retries: the next interval is the retry. */
import { credentials, Metadata } from '@grpc/grpc-js'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, InstrumentType, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { LogGate } from './log.ts'
import { outageReminderMs } from './log.ts'

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
  /** PEM. */
  tls?: { ca?: Buffer; certificate?: Buffer; key?: Buffer }
}

/** Creates the SDK reader that pushes every interval; failures are told through `gate`. */
export function createSelfPushReader(options: SelfOtlpOptions, gate: LogGate): PeriodicExportingMetricReader {
  const timeoutMs = Math.min(options.timeoutMs ?? 10_000, options.intervalMs)
  return new PeriodicExportingMetricReader({
    exporter: tellFailures(createGrpcExporter(options, timeoutMs), options.url, gate),
    exportIntervalMillis: options.intervalMs,
    exportTimeoutMillis: timeoutMs,
  })
}

/**
 * Gauges have no temporality on the wire, but in the SDK a cumulative gauge shows every attribute set it ever observed.
 */
export function selectTemporality(instrument: InstrumentType): AggregationTemporality {
  return instrument === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE
}

function createGrpcExporter(options: SelfOtlpOptions, timeoutMillis: number): PushMetricExporter {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value)
  const { insecure, tls, url } = options
  const config: ConstructorParameters<typeof OTLPMetricExporter>[0] = { url, metadata, timeoutMillis }
  if (insecure) config.credentials = credentials.createInsecure()
  else if (tls) config.credentials = credentials.createSsl(tls.ca, tls.key, tls.certificate)
  return new OTLPMetricExporter(config)
}

type ExportResult = Parameters<Parameters<PushMetricExporter['export']>[1]>[0]

const failureKey = 'self-telemetry/otlp'

/**
 * Wraps `exporter` so that a failure is told once per interval and so is its end. The reader is always told of success: it
 * could only log the failure a second time.
 */
function tellFailures(exporter: PushMetricExporter, url: string, gate: LogGate): PushMetricExporter {
  const tell = (result: ExportResult): void => {
    // ExportResultCode.SUCCESS; its enum is in a package that is not a dependency of ours.
    if (result.code === 0) gate.recovered(failureKey, 'self-telemetry is delivered again')
    else {
      const reason = result.error?.message
      gate.warn(failureKey, { url, reason }, 'self-telemetry could not be delivered', {
        remindAfterMs: outageReminderMs,
      })
    }
  }
  return {
    export(metrics, done) {
      exporter.export(metrics, (result) => {
        tell(result)
        done({ code: 0 })
      })
    },
    selectAggregationTemporality: selectTemporality,
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
