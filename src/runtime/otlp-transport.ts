/** The transport of the configured protocol, for object state and self-telemetry alike. */

import type { DestinationConfig } from '../config/destination-config.ts'
import { sectionDestination } from '../config/sections/destinations.ts'
import { withEndpointHints } from '../push/endpoint-hint.ts'
import { createGrpcTransport } from '../push/grpc-transport.ts'
import { createHttpTransport } from '../push/http-transport.ts'
import type { Transport } from '../push/transport.ts'
import type { LogGate } from '../telemetry/log.ts'

/** Connects with the first request. */
export function openTransport(destination: DestinationConfig, log: LogGate): Transport {
  const { name, endpoint, protocol, compression } = destination
  const environment = process.env
  // The configuration is refused with zstd over gRPC.
  const grpcCompression = compression === 'zstd' ? 'none' : compression
  const { tls, url } = endpoint
  const transport =
    protocol === 'http/protobuf'
      ? createHttpTransport({ ...destination, url, environment, log })
      : createGrpcTransport({ ...destination, compression: grpcCompression, environment, log })
  return withEndpointHints(transport, { protocol, tls, setting: (key) => settingOf(name, key) })
}

function settingOf(destination: string, key: string): string {
  return destination === sectionDestination ? `otlp.${key}` : `${key} of the destination ${destination}`
}

/** As `openTransport`, for a command that sends a few requests and ends; the answers say what is wrong. */
export function openTransportForOneRun(destination: DestinationConfig): Transport {
  return openTransport(destination, { warn() {}, recovered() {} })
}
