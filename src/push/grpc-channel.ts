/** One gRPC channel to the endpoint with its calls. A channel that is replaced is closed after its last call. */

import type { ChannelCredentials, ClientOptions, Metadata, ServiceError } from '@grpc/grpc-js'
import { Client, compressionAlgorithms, credentials } from '@grpc/grpc-js'
import type { CredentialContents } from './credentials.ts'
import { proxyFor } from './proxy.ts'

/** The endpoint and the options of the channel. */
export interface ChannelSettings {
  readonly endpoint: {
    /** `host:port`, or a target in gRPC's notation (`dns:///…`, `unix:…`). */
    readonly target: string
    readonly tls: boolean
  }
  readonly compression: 'none' | 'gzip'
  /** `round_robin` spreads requests over all addresses: only for pipelines that keep no state per series. */
  readonly loadBalancing: 'pick_first' | 'round_robin'
  /** For the proxy variables. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The result of a call: the bytes of the response or the gRPC error. */
export type CallEnd = Buffer | ServiceError

export interface GrpcChannel {
  call(bytes: Buffer, metadata: Metadata, timeoutMs: number, signal: AbortSignal): Promise<CallEnd>
  /** Accepts no more calls; those in flight continue. */
  retire(): void
}

const exportPath = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
const asTheyAre = (bytes: Buffer) => bytes

const fixedOptions: ClientOptions = {
  // Retries are encoded again, so grpc-js must not retry.
  'grpc.enable_retries': 0,
  'grpc.max_send_message_length': -1,
  // Servers answer pings more often than every 5 minutes with GOAWAY.
  'grpc.keepalive_time_ms': 330_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 5000,
  'grpc.dns_min_time_between_resolutions_ms': 5000,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.primary_user_agent': 'kube-state-otlp',
}

/** Throws if certificate and key do not match or a proxy variable is not a URL. Connects with the first call. */
export function openChannel(settings: ChannelSettings, contents: CredentialContents): GrpcChannel {
  const { target, options } = targetOf(settings)
  const client = new Client(target, channelCredentials(settings.endpoint.tls, contents), options)
  let calls = 0
  let isRetired = false
  const end = () => {
    calls--
    if (isRetired && calls === 0) client.close()
  }
  return {
    call(bytes, metadata, timeoutMs, signal) {
      calls++
      return new Promise<CallEnd>((resolve) => {
        const options = { deadline: Date.now() + timeoutMs }
        const cancel = () => call.cancel()
        const done = (error: ServiceError | null, response?: Buffer) => {
          signal.removeEventListener('abort', cancel)
          end()
          resolve(error ?? response ?? Buffer.alloc(0))
        }
        const call = client.makeUnaryRequest(exportPath, asTheyAre, asTheyAre, bytes, metadata, options, done)
        if (signal.aborted) cancel()
        else signal.addEventListener('abort', cancel, { once: true })
      })
    },
    retire() {
      isRetired = true
      if (calls === 0) client.close()
    },
  }
}

function channelCredentials(tls: boolean, contents: CredentialContents): ChannelCredentials {
  if (!tls) return credentials.createInsecure()
  const { authorities, certificate, key } = contents
  return credentials.createSsl(authorities ?? null, key ?? null, certificate ?? null)
}

function targetOf(settings: ChannelSettings): { target: string; options: ClientOptions } {
  const { endpoint, compression, loadBalancing, environment } = settings
  const gzip = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }
  const serviceConfig = { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ [loadBalancing]: {} }] }) }
  const options = { ...fixedOptions, ...serviceConfig, ...(compression === 'gzip' ? gzip : {}) }
  if (endpoint.target.startsWith('unix:')) return { target: endpoint.target, options }
  const hostPort = endpoint.target.replace(/^dns:\/*(?:[^/]*\/)?/, '')
  const proxy = proxyFor(hostPort, endpoint.tls, environment)
  if (proxy === undefined) return { target: endpoint.target, options }
  const through = { 'grpc.http_connect_target': `dns:${hostPort}`, 'grpc.default_authority': hostPort }
  const login = proxy.credentials === undefined ? {} : { 'grpc.http_connect_creds': proxy.credentials }
  return { target: `dns:${proxy.address}`, options: { ...options, ...through, ...login } }
}
