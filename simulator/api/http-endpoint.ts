/** Serves HTTP/1.1 and, with TLS, HTTP/2 by ALPN on accepted sockets. */

import type { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { createSecureServer } from 'node:http2'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TlsMaterial } from '../otlp/tls-material.ts'
import type { ResponseStream } from './body-writer.ts'

/** One request and its response, independent of the HTTP version. */
export interface Exchange {
  readonly httpVersion: string
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** `address:port` of the client. */
  readonly peer: string
  readBody(): Promise<Uint8Array>
  writeHead(status: number, headers: Readonly<Record<string, string>>): void
  readonly response: ResponseStream
  /** Registers a callback for when the response is complete or aborted. */
  onClose(closed: () => void): void
}

export interface HttpEndpoint {
  accept(socket: Socket): void
}

/** Creates an endpoint that serves the sockets passed to `accept`. */
export function createHttpEndpoint(tls: TlsMaterial | undefined, serve: (exchange: Exchange) => void): HttpEndpoint {
  const listener = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) =>
    serve(exchangeOf(request, response))
  const server: EventEmitter = tls
    ? createSecureServer({ ...secure(tls), allowHTTP1: true }, listener)
    : createServer(listener)
  // Clients may disconnect at any time; Node reports each way of doing so by its own event.
  for (const event of ['clientError', 'tlsClientError', 'sessionError']) {
    server.on(event, (_error: unknown, socket?: { destroy?: () => void }) => socket?.destroy?.())
  }
  return { accept: (socket) => void server.emit('connection', socket) }
}

function secure({ key, cert, ca }: TlsMaterial) {
  return ca === undefined ? { key, cert } : { key, cert, ca, requestCert: true, rejectUnauthorized: true }
}

function exchangeOf(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Exchange {
  const { remoteAddress, remotePort } = request.socket
  for (const stream of [request, response] as EventEmitter[]) stream.on('error', () => {})
  return {
    httpVersion: request.httpVersion,
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headers,
    peer: `${remoteAddress}:${remotePort}`,
    readBody: () => buffer(request),
    writeHead: (status, headers) => void (response as ServerResponse).writeHead(status, headers),
    response: responseStream(response),
    onClose: (closed) => void response.once('close', closed),
  }
}

/** Only HTTP/1.1 responses have the property `destroyed`. */
function responseStream(response: ServerResponse | Http2ServerResponse): ResponseStream {
  let isClosed = false
  const pending = new Set<() => void>()
  response.once('close', () => {
    isClosed = true
    // Node does not call the write callbacks of an aborted response.
    for (const settle of pending) settle()
  })
  return {
    get destroyed() {
      return isClosed
    },
    write(chunk, callback) {
      const settle = () => {
        pending.delete(settle)
        callback()
      }
      pending.add(settle)
      return (response as ServerResponse).write(chunk, settle)
    },
    // HTTP/2 sends headers as soon as they are written.
    flushHeaders: () => 'flushHeaders' in response && response.flushHeaders(),
    end: () => (response as ServerResponse).end(),
  }
}
