/** An HTTP proxy with TLS of its own in front of the real API server, which answers with faults, and requires what a test says. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import { createSecureServer } from 'node:http2'
import { Agent, request } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { ClusterFacts } from '../real-cluster.ts'
import type { Certificate } from './certificates.ts'

/** The answer of a fault instead of the API server's. */
export interface RefusedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiProxyOptions {
  readonly facts: ClusterFacts
  readonly certificate: Certificate
  /** Clients need a certificate of this authority; they are forwarded with the administrator's token. */
  readonly clientAuthority?: string
}

export interface ApiProxy {
  readonly port: number
  /** Requests so far, and how many of them got the answer of a fault. */
  readonly counts: { readonly requests: number; readonly refused: number }
  /** Undefined: requests reach the API server. Running responses are ended in either case. */
  answerWith(answer: RefusedAnswer | undefined): void
  /** New connections see these; the others are closed. */
  present(certificate: Certificate, clientAuthority?: string): void
  close(): Promise<void>
}

const ofConnection = /^(connection|keep-alive|transfer-encoding|upgrade|host|:.*)$/

export async function createApiProxy(options: ApiProxyOptions): Promise<ApiProxy> {
  const { facts, certificate, clientAuthority } = options
  const agent = new Agent({ keepAlive: true, ca: facts.ca, maxSockets: 256 })
  const counts = { requests: 0, refused: 0 }
  let refusal: RefusedAnswer | undefined
  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()

  const handle = (incoming: Http2ServerRequest, response: Http2ServerResponse) => {
    counts.requests++
    if (refusal !== undefined) {
      counts.refused++
      response.writeHead(refusal.status, { 'content-type': 'text/plain', ...refusal.headers }).end('a fault\n')
      return
    }
    const headers = forwarded(incoming.headers)
    if (clientAuthority !== undefined) headers.authorization = `Bearer ${facts.token}`
    const upstream = request(`${facts.apiUrl}${incoming.url}`, { agent, headers, method: incoming.method ?? 'GET' })
    upstream.on('response', (answer) => relay(answer, response))
    upstream.on('error', () => response.stream?.close())
    response.on('close', () => upstream.destroy())
    incoming.on('error', () => upstream.destroy())
    incoming.pipe(upstream)
  }
  const tls = (shown: Certificate, authority?: string) => ({
    ...{ key: shown.key, cert: shown.cert },
    ...(authority === undefined ? {} : { ca: authority }),
  })
  const server = createSecureServer(
    {
      ...tls(certificate, clientAuthority),
      requestCert: clientAuthority !== undefined,
      rejectUnauthorized: clientAuthority !== undefined,
    },
    handle,
  )
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session)).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dropAll = () => {
    for (const session of sessions) session.destroy()
    for (const socket of sockets) socket.destroy()
  }
  return {
    counts,
    port: (server.address() as AddressInfo).port,
    answerWith(answer) {
      refusal = answer
      dropAll()
    },
    present(shown, authority) {
      server.setSecureContext(tls(shown, authority))
      dropAll()
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      dropAll()
      agent.destroy()
      await closed
    },
  }
}

function forwarded(headers: Http2ServerRequest['headers']): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !ofConnection.test(name))
  return Object.fromEntries(kept) as Record<string, string | string[]>
}

/** Headers are sent at once, since the first event of a watch may take long. */
function relay(answer: IncomingMessage, response: Http2ServerResponse): void {
  if (response.stream === undefined || response.stream.destroyed) return void answer.destroy()
  const headers = Object.entries(answer.headers).filter(([name]) => !ofConnection.test(name))
  response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers) as Record<string, string>)
  answer.on('error', () => response.stream?.close())
  answer.on('aborted', () => response.stream?.close())
  answer.pipe(response as unknown as ServerResponse)
}
