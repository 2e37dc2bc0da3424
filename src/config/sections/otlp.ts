/** Owns the keys of the OTLP exporter; OpenTelemetry's variables mean here what its specification says. */
import { endpoint } from '../formats/address.ts'
import { duration, millisecondsOr } from '../formats/duration.ts'
import type { Reading } from '../formats/format.ts'
import { boolean, choice, integer, text } from '../formats/format.ts'
import type { Pairs } from '../formats/pairs.ts'
import { constantLabels, headers } from '../formats/pairs.ts'
import type { EnvironmentVariable } from '../setting.ts'
import { optional, setting } from '../setting.ts'

const noPairs: Pairs = new Map()
const timeout = duration(1)

/** The names of one variable of OpenTelemetry: that for metrics alone is stronger than that for all signals. */
function otelNames(name: string): readonly string[] {
  return [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]
}

function otel(name: string): readonly EnvironmentVariable<never>[] {
  return otelNames(name).map((variable) => ({ name: variable }))
}

function otelRead<T>(name: string, parse: (text: string) => Reading<T>): readonly EnvironmentVariable<T>[] {
  return otelNames(name).map((variable) => ({ name: variable, parse }))
}

/** Keys of where and how points are sent. */
export const otlpSettings = {
  'otlp.endpoint': optional({
    doc: 'Where to push: URL of an OTLP/gRPC receiver, port 4317 unless given. Without it nothing is pushed.',
    format: endpoint,
    example: 'http://otel-collector:4317',
    environment: otel('ENDPOINT'),
  }),
  'otlp.protocol': setting({
    doc: 'Protocol of the endpoint.',
    default: 'grpc',
    format: choice(['grpc'], ", the one protocol that is spoken yet: name the receiver's gRPC port, usually 4317"),
    environment: otel('PROTOCOL'),
  }),
  'otlp.insecure': setting({
    doc: 'No TLS for an endpoint without a scheme; http:// and https:// decide for themselves.',
    default: false,
    format: boolean,
    environment: otelRead('INSECURE', (input) => boolean.parse(input.toLowerCase())),
  }),
  'otlp.headers': setting({
    doc: 'Headers of every request, percent-encoded where they are text. Never printed.',
    default: noPairs,
    format: headers,
    example: new Map([['x-scope-orgid', 'team-a']]),
    environment: otel('HEADERS'),
    secret: true,
  }),
  'otlp.bearer_token_file': optional({
    doc: 'File whose content is sent as bearer token; read again when it changes.',
    format: text('path'),
  }),
  'otlp.compression': setting({
    doc: 'Compression of requests.',
    default: 'none',
    format: choice(['none', 'gzip']),
    environment: otel('COMPRESSION'),
  }),
  'otlp.timeout': setting({
    doc: 'How long one request may take. A bare number in a variable is milliseconds.',
    default: 10_000,
    format: timeout,
    environment: otelRead('TIMEOUT', millisecondsOr(timeout)),
  }),
  'otlp.max_request_bytes': setting({
    doc: 'Largest request before compression. Receivers take 4 MiB unless told otherwise.',
    default: 4_000_000,
    format: integer(16_384, 2 ** 30),
  }),
  'otlp.max_in_flight': setting({
    doc: 'Requests that may be unanswered at a time.',
    default: 4,
    format: integer(1, 1024),
  }),
  'otlp.certificate': optional({
    doc: "File of the certificate authorities that the receiver's certificate is checked against; the system's unless set.",
    format: text('path'),
    environment: otel('CERTIFICATE'),
  }),
  'otlp.client_certificate': optional({
    doc: 'File of our certificate, for receivers that ask for one.',
    format: text('path'),
    environment: otel('CLIENT_CERTIFICATE'),
  }),
  'otlp.client_key': optional({
    doc: "File of our certificate's private key.",
    format: text('path'),
    environment: otel('CLIENT_KEY'),
  }),
  'otlp.retry_resource_exhausted': setting({
    doc: 'Send again what was refused as RESOURCE_EXHAUSTED even without a hint when to.',
    default: false,
    format: boolean,
  }),
  'otlp.load_balancing': setting({
    doc: 'round_robin spreads requests over all addresses of the endpoint; only for pipelines that keep no state per series.',
    default: 'pick_first',
    format: choice(['pick_first', 'round_robin']),
  }),
  'otlp.service_namespace': optional({
    doc: 'The resource attribute service.namespace of object state. Prometheus puts it before the job: namespace/kube-state-metrics.',
    format: text('name'),
  }),
  'otlp.instance_id': optional({
    doc: 'The resource attribute service.instance.id of object state. Unless set: the UID of the namespace kube-system, which names the cluster.',
    format: text('id'),
  }),
  'otlp.constant_labels': setting({
    doc: 'Labels for every data point that is pushed, such as cluster=prod. Names that a series has already are refused.',
    default: noPairs,
    format: constantLabels,
    example: new Map([['cluster', 'prod']]),
  }),
}
