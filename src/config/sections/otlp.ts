import { endpoint } from '../formats/address.ts'
import { duration, withMilliseconds } from '../formats/duration.ts'
import { boolean, choice, integer, text } from '../formats/format.ts'
import type { Pairs } from '../formats/pairs.ts'
import { constantLabels, headers } from '../formats/pairs.ts'
import type { EnvironmentVariable } from '../setting.ts'
import { optional, setting } from '../setting.ts'

const noPairs: Pairs = new Map()

/** The names of an OpenTelemetry variable: the one for metrics takes precedence over the one for all signals. */
function otelNames(name: string): readonly string[] {
  return [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]
}

function otel(name: string, normalize?: EnvironmentVariable['normalize']): readonly EnvironmentVariable[] {
  return otelNames(name).map((variable) => ({ name: variable, ...(normalize && { normalize }) }))
}

/** Its value is the whole URL of the metrics signal, and not the base of all signals. */
export const wholeUrlVariable = 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'

/** The OTLP exporter. OpenTelemetry variables have the meaning of the specification. */
export const otlpSettings = {
  'otlp.endpoint': optional({
    doc: 'URL of the OTLP receiver; the default port is 4317 for gRPC, and for HTTP that of the scheme, or 4318 without one. Nothing is pushed if unset.',
    format: endpoint,
    example: 'http://otel-collector:4317',
    environment: otel('ENDPOINT'),
  }),
  'otlp.protocol': setting({
    doc: 'Protocol of the endpoint. http/protobuf posts to the path of the endpoint followed by /v1/metrics; an endpoint from OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is used as it is.',
    default: 'grpc',
    format: choice(['grpc', 'http/protobuf']),
    environment: otel('PROTOCOL'),
  }),
  'otlp.insecure': setting({
    doc: 'Disable TLS for an endpoint without scheme. With http:// or https://, the scheme determines TLS.',
    default: false,
    format: boolean,
    environment: otel('INSECURE', (input) => input.toLowerCase()),
  }),
  'otlp.headers': setting({
    doc: 'Headers of every request, percent-encoded in flags and variables. Values are never printed.',
    default: noPairs,
    format: headers,
    example: new Map([['x-scope-orgid', 'team-a']]),
    environment: otel('HEADERS'),
    secret: true,
  }),
  'otlp.bearer_token_file': optional({
    doc: 'File with the bearer token; read again when it changes.',
    format: text('path'),
  }),
  'otlp.compression': setting({
    doc: 'Compression of requests; zstd requires otlp.protocol http/protobuf and a receiver that supports it, such as a Collector (Prometheus supports gzip).',
    default: 'none',
    format: choice(['none', 'gzip', 'zstd']),
    environment: otel('COMPRESSION'),
  }),
  'otlp.timeout': setting({
    doc: 'Timeout of a request. A number without unit in a variable is in milliseconds.',
    default: 10_000,
    format: duration(1),
    environment: otel('TIMEOUT', withMilliseconds),
  }),
  'otlp.max_request_bytes': setting({
    doc: 'Maximum size of a request before compression; an object with more is sent alone. Receivers accept 4 MiB by default.',
    default: 1_000_000,
    format: integer(16_384, 2 ** 30),
  }),
  'otlp.max_in_flight': setting({
    doc: 'Maximum number of requests in flight.',
    default: 4,
    format: integer(1, 1024),
  }),
  'otlp.certificate': optional({
    doc: 'File with the CA certificates to verify the receiver. Default: those of the system.',
    format: text('path'),
    environment: otel('CERTIFICATE'),
  }),
  'otlp.client_certificate': optional({
    doc: 'File with the client certificate, for receivers that require one.',
    format: text('path'),
    environment: otel('CLIENT_CERTIFICATE'),
  }),
  'otlp.client_key': optional({
    doc: 'File with the private key of the client certificate.',
    format: text('path'),
    environment: otel('CLIENT_KEY'),
  }),
  'otlp.retry_resource_exhausted': setting({
    doc: 'Retry requests that failed with RESOURCE_EXHAUSTED even without a retry delay from the receiver.',
    default: false,
    format: boolean,
  }),
  'otlp.load_balancing': setting({
    doc: 'round_robin distributes requests over all addresses of the endpoint. Only for pipelines without state per series.',
    default: 'pick_first',
    format: choice(['pick_first', 'round_robin']),
  }),
  'otlp.service_namespace': optional({
    doc: 'Resource attribute service.namespace of object state. Prometheus prepends it to the job: namespace/kube-state-metrics.',
    format: text('name'),
  }),
  'otlp.instance_id': optional({
    doc: 'Resource attribute service.instance.id of object state. Default: the UID of the namespace kube-system, which identifies the cluster.',
    format: text('id'),
  }),
  'otlp.constant_labels': setting({
    doc: 'Labels for every pushed data point, such as cluster=prod. Names that a series already has are rejected.',
    default: noPairs,
    format: constantLabels,
    example: new Map([['cluster', 'prod']]),
  }),
}
