/**
 * Environment variables: those of OpenTelemetry's specification, those of the program, and those that Kubernetes sets.
 */
import { describe, expect, it } from 'vitest'
import { accepted, refused } from './inputs.ts'

const otel = (name: string, value: string) => ({ [`OTEL_EXPORTER_OTLP_${name}`]: value })

describe("OpenTelemetry's variables", () => {
  it.each([
    ['ENDPOINT', 'http://collector:4317', { endpoint: { target: 'collector:4317', tls: false } }],
    ['INSECURE', 'TRUE', {}],
    ['HEADERS', 'Api-Key=a%2Cb, x=%20y', { headers: new Map(Object.entries({ 'api-key': 'a,b', x: ' y' })) }],
    ['COMPRESSION', 'gzip', { compression: 'gzip' }],
    ['TIMEOUT', '2500', { timeoutMs: 2500 }],
    ['CERTIFICATE', '/ca', { certificate: '/ca' }],
    ['PROTOCOL', 'grpc', {}],
  ])('%s=%s', (name, value, otlp) => {
    expect(accepted({ env: otel(name, value) }).config.otlp).toMatchObject(otlp)
    expect(accepted({ env: otel(`METRICS_${name}`, value) }).config.otlp).toMatchObject(otlp)
  })

  it('for metrics win over those for all signals', () => {
    const { config, sources } = accepted({ env: { ...otel('TIMEOUT', '1'), ...otel('METRICS_TIMEOUT', '2') } })
    expect(config.otlp.timeoutMs).toBe(2)
    expect(sources.get('otlp.timeout')).toEqual({
      from: 'environment',
      variable: 'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
    })
  })

  it('that are empty count as unset', () => {
    expect(accepted({ env: { ...otel('METRICS_TIMEOUT', ''), ...otel('TIMEOUT', '3') } }).config.otlp.timeoutMs).toBe(3)
  })

  it('take the client certificate and its key', () => {
    const env = { ...otel('CLIENT_CERTIFICATE', '/c'), ...otel('CLIENT_KEY', '/k') }
    expect(accepted({ env }).config.otlp).toMatchObject({ clientCertificate: '/c', clientKey: '/k' })
  })

  it('name one of the two protocols with protobuf', () => {
    expect(accepted({ env: otel('PROTOCOL', 'http/protobuf') }).config.otlp.protocol).toBe('http/protobuf')
    expect(refused({ env: otel('PROTOCOL', 'http/json') })).toEqual([
      expect.stringMatching(/^otlp.protocol \(variable OTEL_EXPORTER_OTLP_PROTOCOL\): expected .*http\/protobuf/),
    ])
  })

  it('name the base of all signals, or the whole URL of the metrics', () => {
    const urlWith = (env: Record<string, string>, argv: string[] = []) =>
      accepted({ env: { ...otel('PROTOCOL', 'http/protobuf'), ...env }, argv }).config.otlp.endpoint?.url
    const vendor = 'https://vendor.example/in'
    expect(urlWith(otel('ENDPOINT', vendor))).toBe('https://vendor.example:443/in/v1/metrics')
    expect(urlWith(otel('METRICS_ENDPOINT', vendor))).toBe('https://vendor.example:443/in')
    expect(urlWith(otel('METRICS_ENDPOINT', vendor), ['--otlp-endpoint=http://c:1/in'])).toBe(
      'http://c:1/in/v1/metrics',
    )
  })

  it('select zstd over HTTP alone', () => {
    const zstd = otel('COMPRESSION', 'zstd')
    expect(accepted({ env: { ...zstd, ...otel('PROTOCOL', 'http/protobuf') } }).config.otlp.compression).toBe('zstd')
    expect(refused({ env: zstd })).toEqual([
      expect.stringMatching(/^otlp.compression .*expected none or gzip: zstd requires otlp.protocol http\/protobuf/),
    ])
  })

  it('have bare milliseconds, flags have not', () => {
    expect(refused({ argv: ['--otlp-timeout=2500'] })).toHaveLength(1)
    expect(accepted({ argv: ['--otlp-timeout=2500ms'] }).config.otlp.timeoutMs).toBe(2500)
  })
})

describe('our variables', () => {
  it('are named after the key', () => {
    const env = { KUBE_STATE_OTLP_PUSH_FLUSH_INTERVAL: '0s', KUBE_STATE_OTLP_METRIC_OPT_IN_LIST: 'a.*,b' }
    const { config } = accepted({ env })
    expect(config.push.flushIntervalMs).toBe(0)
    expect(config.selection.metricOptInList).toEqual(['a.*', 'b'])
  })

  it('that are unknown are reported', () => {
    expect(accepted({ env: { KUBE_STATE_OTLP_NAMESPACE: 'a' } }).notices).toEqual([
      {
        message: 'the variable KUBE_STATE_OTLP_NAMESPACE is unknown; did you mean KUBE_STATE_OTLP_NAMESPACES?',
      },
    ])
  })

  it('are distinguished from the variables of a Kubernetes service with the same name', () => {
    const loaded = accepted({
      env: {
        KUBE_STATE_OTLP_PORT: 'tcp://10.0.0.1:8080',
        KUBE_STATE_OTLP_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
        KUBE_STATE_OTLP_PORT_8080_TCP_ADDR: '10.0.0.1',
        KUBE_STATE_OTLP_SERVICE_HOST: '10.0.0.1',
        KUBE_STATE_OTLP_SERVICE_PORT: '8080',
        KUBE_STATE_OTLP_SERVICE_PORT_HTTP_METRICS: '8080',
        KUBE_STATE_OTLP_TELEMETRY_PORT: 'tcp://10.0.0.2:8081',
      },
    })
    expect(loaded.config.server).toMatchObject({ port: 8080, telemetryPort: 8081 })
    expect(loaded.notices).toEqual([])
    expect(loaded.sources.size).toBe(0)
  })
})
