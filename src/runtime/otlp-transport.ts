/** The transport of the configured protocol, for object state and self-telemetry alike. */

import type { OtlpConfig } from '../config/config.ts'
import { withEndpointHints } from '../push/endpoint-hint.ts'
import { createGrpcTransport } from '../push/grpc-transport.ts'
import { createHttpTransport } from '../push/http-transport.ts'
import type { Transport } from '../push/transport.ts'
import type { LogGate } from '../telemetry/log.ts'

export type OtlpConfigWithEndpoint = OtlpConfig & { readonly endpoint: NonNullable<OtlpConfig['endpoint']> }

/** Connects with the first request. */
export function openTransport(otlp: OtlpConfigWithEndpoint, log: LogGate): Transport {
  const { endpoint, protocol } = otlp
  const environment = process.env
  // The configuration is refused with zstd over gRPC.
  const grpcCompression = otlp.compression === 'zstd' ? 'none' : otlp.compression
  const { tls, url } = endpoint
  const transport =
    protocol === 'http/protobuf'
      ? createHttpTransport({ ...otlp, url, environment, log })
      : createGrpcTransport({ ...otlp, compression: grpcCompression, environment, log })
  return withEndpointHints(transport, { protocol, tls })
}

/** As `openTransport`, for a command that sends a few requests and ends; the answers say what is wrong. */
export function openTransportForOneRun(otlp: OtlpConfigWithEndpoint): Transport {
  return openTransport(otlp, { warn() {}, recovered() {} })
}
