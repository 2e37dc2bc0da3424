/** A TLS server with or without HTTP/2, whose sessions a test can count, close and freeze. */

import { once } from 'node:events'
import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import { createSecureServer } from 'node:http2'
import { createServer as createHttp1Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { createAuthority } from '../../simulator/otlp/certificates.ts'

export interface TlsApiServer {
  readonly url: URL
  /** PEM of the authority that has signed the server's certificate. */
  readonly ca: string
  readonly sessions: Http2Session[]
  /** What was asked, as `HTTP-version path`. */
  readonly asked: string[]
  /** Streams that were asked for below `/watch` and stay open. */
  readonly watches: ServerHttp2Stream[]
}

export interface TlsServerOptions {
  readonly maxConcurrentStreams?: number
  /** Only offer HTTP/1.1. */
  readonly http1?: boolean
}

/** Starts the server; every path is answered with itself, but those below `/watch` never end. */
export async function startTlsApiServer({ maxConcurrentStreams, http1 }: TlsServerOptions = {}): Promise<TlsApiServer> {
  const authority = createAuthority('test')
  const leaf = authority.issueLeaf('server')
  const settings = maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams }
  const server = http1 ? createHttp1Server(leaf) : createSecureServer({ ...leaf, settings, allowHTTP1: true })
  const started: Omit<TlsApiServer, 'url'> = { ca: authority.cert, sessions: [], asked: [], watches: [] }
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('session', (session) => started.sessions.push(session))
  server.on('sessionError', () => {})
  server.on('request', (request, response) => {
    started.asked.push(`${request.httpVersion} ${request.url}`)
    if (request.url?.startsWith('/watch')) {
      response.writeHead(200)
      response.write('begun')
      if (request.httpVersion === '2.0') started.watches.push(response.stream as ServerHttp2Stream)
    } else response.end(request.url)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { ...started, url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`) }
}

/** A TCP relay to a server, both of whose sockets stay open whatever a test does to them. */
export interface Wire {
  readonly url: URL
  /** Carries nothing any more, in either direction. */
  freeze(): void
  /** Carries nothing more of the client's, its end included; the server is still heard. */
  muteClient(): void
  /** Accepts the next connection and carries nothing over it. */
  stallNext(): void
  /** Resolves when a connection has been stalled. */
  readonly stalled: Promise<void>
}

/** Starts the relay. */
export async function startWire(target: URL): Promise<Wire> {
  const sockets: Socket[] = []
  const clients: Socket[] = []
  const { promise: stalled, resolve: reportStalled } = Promise.withResolvers<void>()
  let isStalling = false
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isStalling) {
      isStalling = false
      sockets.push(client)
      client.on('error', () => {})
      return reportStalled()
    }
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true })
    sockets.push(client, upstream)
    clients.push(client)
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    freeze() {
      for (const socket of sockets) {
        socket.unpipe()
        socket.resume()
      }
    },
    stallNext() {
      isStalling = true
    },
    stalled,
    muteClient() {
      for (const client of clients) {
        client.unpipe()
        client.resume()
      }
    },
  }
}
