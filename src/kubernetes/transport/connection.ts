/**
 * The connections to the API server: HTTP/2 where it offers that, else kept-alive HTTP/1.1. Nothing is retried here: a
 * lost connection is the business of the caller.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { reasonOf } from '../../telemetry/failure-reason.ts'
import type { Clock } from '../../time/clock.ts'
import type { ClusterAccess, Credentials } from '../auth/cluster-access.ts'
import { createHttp1Transport } from './http1.ts'
import { createHttp2Transport } from './http2.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Lanes have connections of their own, so that a Lease is renewed in time (`coordination`) and a scraper's rights are reviewed
 * (`reviews`) whatever the lists and watches of `reading` wait for. Only `reading` waits for new credentials while there are
 * old ones. `probe` asks whether the server is there.
 */
export type Lane = 'reading' | 'coordination' | 'reviews' | 'probe'

/** A request as it is sent. */
export interface RawRequest {
  /** GET by default. */
  readonly method?: Method
  /** With its query, below the server's own path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
  readonly signal: AbortSignal
}

/** An answer whose body has not been read. Whoever gets it reads it to its end or destroys it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Read by its events or with `pipeThrough`. */
  readonly body: Readable
}

/** One way to send requests; the credentials' headers are in the request already. */
export interface Transport {
  send(request: RawRequest, credentials: Credentials): Promise<RawAnswer>
  /** Ends everything that is in flight. */
  close(): void
}

/** Requests to one server, credentials included. */
export interface Connection {
  /** Rejects when no answer came: credentials could not be obtained, the server was not reached, or the signal aborted. */
  send(request: RawRequest, lane?: Lane): Promise<RawAnswer>
  /** Looks for a changed configuration of the cluster; if it has changed, what is in flight over the old one ends. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

/** The credentials could not be obtained: an exec plugin failed, a token file is gone. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

export interface ConnectionOptions {
  readonly access: ClusterAccess
  readonly clock: Clock
  /** The proxy that the environment names for a server, if any; may throw. None by default. */
  readonly proxyOf?: (server: URL) => URL | undefined
  /** The configuration names another server; requests go there from now on. */
  readonly onServerChanged?: (server: URL) => void
}

/** Thirty watches that are refused at once are one reason to read a token again, or to run a plugin. */
const renewalSpacingMs = 5000
/** Other lanes wait so long for credentials that are being renewed before they use the last ones. */
const renewalWaitMs = 1000

/** Creates the connection; nothing is opened before the first request. */
export function createConnection(options: ConnectionOptions): Connection {
  const { access, clock, onServerChanged } = options
  const { shared, latest } = shareCredentials(access)
  let route = openRoute(options)
  let isClosed = false
  let renewedAtMs = Number.NEGATIVE_INFINITY

  async function credentialsFor(lane: Lane): Promise<Credentials> {
    const fresh = shared()
    const known = latest()
    return lane !== 'reading' && known ? unlessLate(clock, renewalWaitMs, fresh, known) : fresh
  }

  /** The route of the current generation; that of an older one is closed. */
  function currentRoute(): Route {
    if (route.generation === access.generation || isClosed) return route
    const before = route
    route = openRoute(options)
    before.close()
    if (route.server.href !== before.server.href) onServerChanged?.(route.server)
    return route
  }

  function renew(): void {
    if (clock.now() - renewedAtMs < renewalSpacingMs) return
    renewedAtMs = clock.now()
    access.renew()
  }

  return {
    async send({ headers, signal, ...request }, lane = 'reading') {
      try {
        const credentials = await unlessAborted(credentialsFor(lane), signal)
        const complete = { ...request, headers: { ...headers, ...credentials.headers }, signal }
        const answer = await unlessAborted(currentRoute().send(complete, credentials, lane), signal)
        if (answer.status === 401) renew()
        return answer
      } catch (error) {
        if (isCertificateError(error)) renew()
        throw error
      }
    },
    async refresh() {
      access.renewIfChanged()
      // The next request fails for the same reasons, and reports them.
      await shared().catch(() => undefined)
      try {
        currentRoute()
      } catch {}
    },
    close() {
      isClosed = true
      route.close()
    },
  }
}

/** The connections to the server of one generation. */
interface Route {
  readonly generation: number
  readonly server: URL
  send(request: RawRequest, credentials: Credentials, lane: Lane): Promise<RawAnswer>
  close(): void
}

function openRoute({ access: { generation, server }, clock, proxyOf }: ConnectionOptions): Route {
  const basePath = server.pathname.replace(/\/$/, '')
  const isTls = server.protocol === 'https:'
  const proxy = proxyOf?.(server)
  const openLane = () => ({
    http1: createHttp1Transport(server, proxy),
    http2: createHttp2Transport({ server, clock }),
  })
  const lanes: Record<Lane, ReturnType<typeof openLane>> = {
    reading: openLane(),
    coordination: openLane(),
    reviews: openLane(),
    probe: openLane(),
  }
  return {
    generation,
    server,
    async send({ path, ...others }, credentials, lane) {
      const { http1, http2 } = lanes[lane]
      const request = { ...others, path: basePath === '' ? path : basePath + path }
      // Only HTTP/1.1 goes through proxies here.
      const isHttp2 = isTls && !credentials.proxyAgent && !proxy && (await http2.isOffered(credentials.tls))
      return isHttp2 ? http2.send(request, credentials) : http1.send(request, credentials)
    },
    close() {
      for (const { http1, http2 } of Object.values(lanes)) {
        http1.close()
        http2.close()
      }
    },
  }
}

/** Requests at the same time share one reading of the credentials, so that a plugin is not run thirty times. */
function shareCredentials(access: ClusterAccess) {
  let reading: Promise<Credentials> | undefined
  let latest: Credentials | undefined

  async function obtain(): Promise<Credentials> {
    try {
      latest = await access.credentials()
      return latest
    } catch (error) {
      throw new CredentialsError(reasonOf(error), { cause: error })
    } finally {
      reading = undefined
    }
  }

  return {
    shared(): Promise<Credentials> {
      reading ??= obtain()
      return reading
    },
    latest: () => latest,
  }
}

/** The fallback when the awaited value comes too late or not at all. */
function unlessLate<T>(clock: Clock, ms: number, awaited: Promise<T>, fallback: T): Promise<T> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(fallback))
    const settle = (value: T): void => {
      cancel()
      resolve(value)
    }
    awaited.then(settle, () => settle(fallback))
  })
}

/** Plugins and handshakes are shared and end by themselves; a caller that has given up no longer waits for them. */
function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    awaited.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** Whether one side does not accept the certificate of the other: an authority or a certificate may have been rotated. */
function isCertificateError(error: unknown): boolean {
  const code = String((error as { code?: unknown } | undefined)?.code)
  return /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERR_SSL_)/.test(
    code,
  )
}
