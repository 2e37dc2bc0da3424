/** The Node.js servers beneath both ports: plain HTTP, or HTTP/1.1 and HTTP/2 over TLS, within the same limits. */

import type { RequestListener, Server } from 'node:http'
import { createServer as createPlainServer } from 'node:http'
import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { createSecureServer } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { LogGate } from '../telemetry/log.ts'
import { refusalOf } from './web-config/client-certificates.ts'
import type { TlsSettings } from './web-config/tls.ts'
import type { WebConfig } from './web-config/web-config.ts'

/** What bounds the clients of one server. A time of 0 is no limit. */
export interface HttpLimits {
  /** Time for a client to send the head of a request. */
  readHeaderMs: number
  /** Time for a client to send a whole request. */
  readMs: number
  /** Time from the head of a request to the end of its response, whether or not the client reads. */
  writeMs: number
  /** Time that an idle connection is kept. */
  idleMs: number
  /** Open connections. When they are reached, idle ones are closed to make room. */
  maxConnections: number
}

/** How often Node looks for connections whose time for a head or a request is over; 30 s by default. */
const connectionsCheckingInterval = 500

/** A TLS handshake without a limit of its own is given up after so long, as Node.js does by default. */
const handshakeMs = 120_000

/** Creates a server that does not listen yet. With TLS in `web`, it follows changes of the settings. */
export function createNodeServer(
  handler: RequestListener,
  limits: HttpLimits,
  gate: LogGate,
  web: WebConfig | undefined,
): Server {
  const settings = web?.current()
  const server =
    web === undefined || settings?.tls === undefined
      ? createPlainServer({ connectionsCheckingInterval }, handler)
      : createTlsServer(handler, limits, gate, { web, tls: settings.tls, http2: settings.http2 })
  server.requestTimeout = limits.readMs
  server.headersTimeout = limits.readHeaderMs
  server.keepAliveTimeout = limits.idleMs
  boundConnections(server, limits.maxConnections)
  return server
}

interface SecureSettings {
  readonly web: WebConfig
  readonly tls: TlsSettings
  readonly http2: boolean
}

function createTlsServer(handler: RequestListener, limits: HttpLimits, gate: LogGate, secure: SecureSettings): Server {
  const { web, tls, http2 } = secure
  const options = {
    ...tls.context,
    ...certificateRequest(tls),
    connectionsCheckingInterval,
    handshakeTimeout: limits.readHeaderMs || handshakeMs,
  }
  const server = http2
    ? createHttp2Server({ ...options, allowHTTP1: true }, handler, limits.idleMs)
    : createHttpsServer(options, handler)
  let { clients } = tls
  // Before HTTP reads the first byte of the connection.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const reason = refusalOf(socket, clients)
    if (reason === undefined) return
    gate.warn('server/client-certificate', { client: socket.remoteAddress, reason }, 'connection refused')
    socket.destroy()
  })
  web.onChange((settings) => {
    if (settings.tls === undefined) return
    clients = settings.tls.clients
    server.setSecureContext(settings.tls.context)
    Object.assign(server, certificateRequest(settings.tls))
  })
  return server as unknown as Server
}

/** node:tls looks at these properties of its server for every connection. What a certificate must be, `refusalOf` decides. */
function certificateRequest({ clients }: TlsSettings) {
  return { requestCert: clients.type !== 'none', rejectUnauthorized: false }
}

/** Adds what `node:http` servers have and this one lacks: idle sessions end, and all connections can be closed. */
function createHttp2Server(
  options: Parameters<typeof createSecureServer>[0],
  handler: RequestListener,
  idleMs: number,
): HttpsServer {
  const server: Http2SecureServer = createSecureServer(
    options,
    handler as unknown as Parameters<typeof createSecureServer>[1],
  )
  const sockets = new Set<TLSSocket>()
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const closeIdleSessions = trackIdleSessions(server, idleMs)
  const https = server as unknown as HttpsServer
  const closeIdleOfHttp1 = https.closeIdleConnections.bind(server)
  return Object.assign(https, {
    closeIdleConnections(): void {
      closeIdleOfHttp1()
      closeIdleSessions()
    },
    closeAllConnections(): void {
      for (const socket of sockets) socket.destroy()
    },
  })
}

/** Ends sessions that are idle for too long. Returns what ends all that have no request now. */
function trackIdleSessions(server: Http2SecureServer, idleMs: number): () => void {
  const requests = new Map<ServerHttp2Session, number>()
  const count = (session: ServerHttp2Session, change: number): void => {
    const before = requests.get(session)
    if (before !== undefined) requests.set(session, before + change)
  }
  server.on('session', (session: ServerHttp2Session) => {
    requests.set(session, 0)
    session.once('close', () => requests.delete(session))
    session.on('stream', (stream: ServerHttp2Stream) => {
      count(session, 1)
      stream.once('close', () => count(session, -1))
    })
    if (idleMs > 0) session.setTimeout(idleMs, () => session.close())
  })
  return () => {
    for (const [session, open] of requests) if (open === 0) session.close()
  }
}

/** Node drops what exceeds the bound; closing idle connections at the bound lets the next client in. */
function boundConnections(server: Server, maxConnections: number): void {
  let open = 0
  server.maxConnections = maxConnections
  server.on('connection', (socket: Socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    if (open >= maxConnections) server.closeIdleConnections()
  })
  // Connections that were in use at the bound may be idle by now.
  server.on('drop', () => server.closeIdleConnections())
}
