/** The OTLP/HTTP endpoint of the receiver: POST of protobuf to one path. JSON is not supported. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip, inflate, zstdDecompress } from 'node:zlib'
import { status as grpcStatus } from '@grpc/grpc-js'
import type { Refusal } from './receiver-faults.ts'
import type { RequestHandler, RequestResult } from './request-handler.ts'
import { encodeStatus } from './response-messages.ts'
import type { TlsMaterial } from './tls-material.ts'

/** The only path served. */
export const exportUrlPath = '/v1/metrics'

const protobufType = 'application/x-protobuf'
const decoders: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
  identity: async (bytes) => bytes,
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
}

/** The HTTP status for a gRPC code; all others, which clients retry, become 503. */
const httpStatuses: Record<number, number> = {
  [grpcStatus.INVALID_ARGUMENT]: 400,
  [grpcStatus.UNAUTHENTICATED]: 401,
  [grpcStatus.PERMISSION_DENIED]: 403,
  [grpcStatus.UNIMPLEMENTED]: 404,
  [grpcStatus.RESOURCE_EXHAUSTED]: 429,
  [grpcStatus.UNKNOWN]: 500,
  [grpcStatus.INTERNAL]: 500,
  [grpcStatus.DEADLINE_EXCEEDED]: 504,
}

const refuse = (response: ServerResponse, { code, message, retryAfterMs, httpStatus }: Refusal): void => {
  const headers: Record<string, string> = { 'content-type': protobufType }
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
  response.writeHead(httpStatus ?? httpStatuses[code] ?? 503, headers).end(encodeStatus(code, message, retryAfterMs))
}

const refuseRequest = (response: ServerResponse, httpStatus: number, message: string): void =>
  refuse(response, { kind: 'refusal', code: grpcStatus.INVALID_ARGUMENT, message, httpStatus })

const respond = (end: RequestResult, request: IncomingMessage, response: ServerResponse): void => {
  if (end.kind === 'cut') request.socket.destroy()
  else if (end.kind === 'refusal') refuse(response, end)
  else if (end.kind === 'response') response.writeHead(200, { 'content-type': protobufType }).end(end.body)
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))

const serve = async (
  requests: RequestHandler,
  signal: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const { method, url, headers } = request
  if (url !== exportUrlPath) return refuseRequest(response, 404, `no such path: ${url}`)
  if (method !== 'POST') return refuseRequest(response, 405, 'only POST is supported')
  if (headers['content-type'] !== protobufType) return refuseRequest(response, 415, `only ${protobufType} is supported`)
  const encoding = headers['content-encoding'] ?? 'identity'
  const decode = decoders[encoding]
  if (!decode) return refuseRequest(response, 415, `unsupported content encoding ${encoding}`)
  const body = await buffer(request).catch(() => undefined)
  if (!body) return
  const bytes = await decode(body).catch(() => undefined)
  if (!bytes) return refuseRequest(response, 400, `the body is not ${encoding}`)
  respond(await requests.handle({ transport: 'http', bytes, headers: headersOf(request) }, signal), request, response)
}

export interface HttpEndpoint {
  accept(socket: Socket): void
}

/** Creates an endpoint for accepted sockets. */
export const createHttpEndpoint = (
  requests: RequestHandler,
  tls: TlsMaterial | undefined,
  signal: AbortSignal,
): HttpEndpoint => {
  const listener: RequestListener = (request, response) => void serve(requests, signal, request, response)
  const { ca, ...own } = tls ?? {}
  const client = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  const server = tls ? createSecureServer({ ...own, ...client }, listener) : createServer(listener)
  return { accept: (socket) => void server.emit('connection', socket) }
}
