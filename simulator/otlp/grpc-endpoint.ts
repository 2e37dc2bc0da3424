/** The OTLP/gRPC endpoint of the receiver, on grpc-js with messages as raw bytes. */
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ServerInterceptingCallInterface, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import { Metadata, Server, ServerCredentials, ServerInterceptingCall } from '@grpc/grpc-js'
import type { Refusal } from './receiver-faults.ts'
import type { RequestHandler, RequestResult } from './request-handler.ts'
import { encodeStatus } from './response-messages.ts'
import type { TlsMaterial } from './tls-material.ts'

/** The full path of the only method served. */
export const exportPath = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'

const passBytes = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The service with messages as raw bytes; also used by clients in tests. */
export const metricsService = {
  Export: {
    path: exportPath,
    requestStream: false,
    responseStream: false,
    requestSerialize: passBytes,
    requestDeserialize: passBytes,
    responseSerialize: passBytes,
    responseDeserialize: passBytes,
  },
} as const

const inflateZstd = promisify(zstdDecompress)
const compressedPrefixBytes = 5

interface Decompressing {
  decompressMessage?: (message: Buffer, encoding: string) => Buffer | Promise<Buffer>
}

/**
 * Adds zstd to one call: Collectors support it, grpc-js does not. There is no hook for codecs, so the method of the
 * innermost call is wrapped. If a later version moves it, zstd requests fail with UNIMPLEMENTED and a test fails.
 */
const supportZstd = (call: ServerInterceptingCallInterface): ServerInterceptingCall => {
  const inner = call as Decompressing
  const decompress = inner.decompressMessage?.bind(call)
  if (decompress) {
    inner.decompressMessage = (message, encoding) =>
      encoding === 'zstd' ? inflateZstd(message.subarray(compressedPrefixBytes)) : decompress(message, encoding)
  }
  return new ServerInterceptingCall(call)
}

const credentialsOf = (tls: TlsMaterial | undefined): ServerCredentials => {
  if (!tls) return ServerCredentials.createInsecure()
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }
  return ServerCredentials.createSsl(tls.ca ? Buffer.from(tls.ca) : null, [pair], tls.ca !== undefined)
}

const headersOf = (metadata: Metadata): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.getMap()).map(([key, value]) => [key, value.toString()]))

const errorOf = ({ code, message: details, retryAfterMs }: Refusal) => {
  const metadata = new Metadata()
  if (retryAfterMs !== undefined) {
    metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus(code, details, retryAfterMs)))
  }
  return { code, details, metadata }
}

const respond = (end: RequestResult, callback: sendUnaryData<Uint8Array>): void => {
  if (end.kind === 'response') callback(null, end.body)
  else if (end.kind === 'refusal') callback(errorOf(end))
}

export interface GrpcEndpoint {
  accept(socket: Socket): void
  /** Ends all calls and sessions. The listener closes the sockets. */
  close(): void
}

/** Creates an endpoint for accepted sockets; `cut` closes the connection of a peer (`address:port`). */
export const createGrpcEndpoint = (
  requests: RequestHandler,
  tls: TlsMaterial | undefined,
  cut: (peer: string) => void,
  signal: AbortSignal,
): GrpcEndpoint => {
  const interceptors = [(_method: unknown, call: ServerInterceptingCallInterface) => supportZstd(call)]
  const limits = { 'grpc.max_receive_message_length': -1, 'grpc.enable_channelz': 0 }
  const server = new Server({ ...limits, interceptors })
  const accepted = new Metadata()
  accepted.set('grpc-accept-encoding', 'identity,deflate,gzip,zstd')

  const handleExport = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
    const { metadata, request: bytes } = call
    const handled = requests.handle({ transport: 'grpc', bytes, headers: headersOf(metadata) }, signal)
    void handled.then((end) => {
      if (end.kind === 'cut') return cut(call.getPeer())
      call.sendMetadata(accepted.clone())
      respond(end, callback)
    })
  }

  server.addService(metricsService, { Export: handleExport })
  const injector = server.createConnectionInjector(credentialsOf(tls))
  return { accept: (socket) => injector.injectConnection(socket), close: () => server.forceShutdown() }
}
