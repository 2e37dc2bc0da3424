/**
 * Requests over HTTP/2: few sessions, each with as many streams as the server allows, each pinged so that a dead peer is
 * noticed. Whether the server offers HTTP/2 is learned by ALPN.
 */

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { connect as connectHttp2, constants } from 'node:http2'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../time/clock.ts'
import type { TlsMaterial } from '../auth/cluster-access.ts'
import type { RawAnswer, RawRequest, Transport } from './connection.ts'
import { bareHost } from './http1.ts'

export interface Http2Options {
  readonly server: URL
  readonly clock: Clock
}

/** HTTP/2, if the server has it. */
export interface Http2Transport extends Transport {
  /** Connects if need be. Rejects when the server cannot be reached. The answer no is remembered. */
  isOffered(tls: TlsMaterial): Promise<boolean>
}

/**
 * How far the server may run ahead of one reader, and of all readers of a session. Many lists that come in at once hold so much
 * while they wait for the processor. Larger windows save nothing measurable, HTTP/2's default of 64 KB costs half as much
 * CPU again.
 */
const streamWindowBytes = 512 * 1024
const sessionWindowBytes = 4 * streamWindowBytes
const connectTimeoutMs = 10_000
const pingIntervalMs = 30_000
const pingTimeoutMs = 15_000

/** Creates the transport; the first request connects. */
export function createHttp2Transport({ server, clock }: Http2Options): Http2Transport {
  const sessions = new Set<Session>()
  let opening: Promise<Session | undefined> | undefined
  let isRefused = false
  const closing = new AbortController()

  async function open(tls: TlsMaterial): Promise<Session | undefined> {
    const socket = await openSocket(server, tls, clock, closing.signal)
    if (closing.signal.aborted || socket.alpnProtocol !== 'h2') {
      isRefused ||= socket.alpnProtocol !== 'h2'
      socket.destroy()
      return undefined
    }
    const session = createSession(server, socket, tls, clock)
    sessions.add(session)
    session.http2.once('close', () => sessions.delete(session))
    return session
  }

  /** A session with room for one more stream, opened if need be; two who need one at a time share it. */
  async function obtain(tls: TlsMaterial): Promise<Session | undefined> {
    if (isRefused || closing.signal.aborted) return undefined
    for (const session of sessions) if (hasRoom(session, tls)) return session
    opening ??= open(tls).finally(() => {
      opening = undefined
    })
    const opened = await opening
    return opened && !hasRoom(opened, tls) ? obtain(tls) : opened
  }

  async function ask(request: RawRequest, tls: TlsMaterial, isRepeated: boolean): Promise<RawAnswer> {
    let session = await obtain(tls)
    // Whoever waited for the same session may have filled it by now; a stream too many would wait for one to end.
    while (session && !hasRoom(session, tls)) session = await obtain(tls)
    if (!session) throw new Error('the connection was closed')
    try {
      return await sendOver(session, request)
    } catch (error) {
      // A server that closes the session just then has most likely not processed the request; a second GET does no harm.
      const mayRepeat = !isRepeated && (request.method ?? 'GET') === 'GET'
      if (!mayRepeat || !session.http2.closed || request.signal.aborted) throw error
      return ask(request, tls, true)
    }
  }

  return {
    isOffered: async (tls) => (await obtain(tls)) !== undefined,
    send: (request, { tls }) => ask(request, tls, false),
    close() {
      closing.abort()
      for (const { http2 } of sessions) http2.destroy()
    },
  }
}

interface Session {
  readonly http2: ClientHttp2Session
  readonly tls: TlsMaterial
  /** The maximum number of concurrent streams; a conservative guess until the server sends it. */
  maxStreams: number
  streams: number
}

/** Another certificate is another caller: its requests need a session of their own. */
function hasRoom({ http2, tls, streams, maxStreams }: Session, wanted: TlsMaterial): boolean {
  return !http2.closed && !http2.destroyed && streams < maxStreams && isSameMaterial(tls, wanted)
}

function isSameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return (['ca', 'cert', 'key'] as const).every((name) => String(a[name]) === String(b[name]))
}

function openSocket(server: URL, tls: TlsMaterial, clock: Clock, closing: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = bareHost(server)
    const name = isIP(host) === 0 ? { servername: host } : {}
    const port = Number(server.port || 443)
    const socket = connectTls({ host, port, ALPNProtocols: ['h2', 'http/1.1'], ...name, ...tls })
    const callOffTimeout = clock.after(connectTimeoutMs, () => {
      socket.destroy(new Error(`no connection to ${server.host} within ${connectTimeoutMs / 1000} s`))
    })
    const giveUp = (): void => void socket.destroy(new Error('the connection was closed'))
    closing.addEventListener('abort', giveUp)
    const callOff = (): void => {
      callOffTimeout()
      closing.removeEventListener('abort', giveUp)
    }
    socket.once('secureConnect', () => {
      callOff()
      resolve(socket)
    })
    socket.on('error', (error) => {
      callOff()
      reject(error)
    })
    socket.once('close', () => {
      callOff()
      reject(new Error(`${server.host} closed the connection during the TLS handshake`))
    })
  })
}

function createSession(server: URL, socket: TLSSocket, tls: TlsMaterial, clock: Clock): Session {
  const http2 = connectHttp2(server.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    // In megabytes, and what is on its way to readers counts.
    maxSessionMemory: 1024,
  })
  const session: Session = { http2, tls, maxStreams: 100, streams: 0 }
  http2.on('remoteSettings', ({ maxConcurrentStreams }) => {
    session.maxStreams = Math.max(1, maxConcurrentStreams ?? session.maxStreams)
  })
  http2.once('connect', () => {
    if (!http2.destroyed) http2.setLocalWindowSize(sessionWindowBytes)
  })
  // The streams of the session report the error to those who wait for them.
  http2.on('error', () => {})
  keepPinging(http2, socket, clock)
  return session
}

/**
 * Without pings a peer that vanished is noticed only when a watch has been silent for minutes. After GOAWAY a session
 * is destroyed, yet not closed, while the peer keeps its end of the connection open: the socket is then closed here.
 */
function keepPinging(http2: ClientHttp2Session, socket: TLSSocket, clock: Clock): void {
  const ping = (): void => {
    if (http2.destroyed) return void socket.destroy()
    cancel = clock.after(pingTimeoutMs, () => {
      http2.destroy(new Error('the API server does not respond to pings'), constants.NGHTTP2_CANCEL)
    })
    http2.ping(() => {
      cancel()
      if (!socket.destroyed) cancel = clock.after(pingIntervalMs, ping)
    })
  }
  let cancel = clock.after(pingIntervalMs, ping)
  http2.once('close', () => cancel())
}

function sendOver(session: Session, { method = 'GET', path, headers, body, signal }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const pseudoHeaders = { ':method': method, ':path': path }
    const options = { endStream: body === undefined, signal }
    const stream: ClientHttp2Stream = session.http2.request({ ...pseudoHeaders, ...headers }, options)
    session.streams += 1
    stream.once('response', (answer: IncomingHttpHeaders & { ':status'?: number }) =>
      resolve({ status: answer[':status'] ?? 0, headers: answer, body: stream }),
    )
    // Kept for the whole stream: an error before the body is read must not end the process.
    stream.on('error', reject)
    stream.once('close', () => {
      session.streams -= 1
      reject(new Error('the connection was lost before the response'))
    })
    if (body !== undefined) stream.end(body)
  })
}
