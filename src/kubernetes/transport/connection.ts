/**
 * The connections to the API server: HTTP/2 where it offers that, else kept-alive HTTP/1.1. Nothing is retried here: a
 * lost connection is the business of the caller.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { ClusterAccess, Credentials } from '../auth/cluster-access.ts'
import type { Clock } from '../clock.ts'
import { createHttp1Transport } from './http1.ts'
import { createHttp2Transport } from './http2.ts'

/** A request as it is sent. */
export interface RawRequest {
  /** GET by default. */
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** With its query, below the server's own path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

/** An answer whose body has not been read. Whoever gets it reads it to its end or destroys it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

/** One way to send requests; the credentials' headers are in the request already. */
export interface Transport {
  get(request: RawRequest, credentials: Credentials): Promise<RawAnswer>
  /** Ends everything that is under way. */
  close(): void
}

/** Requests to one server, credentials included. */
export interface Connection {
  /** Rejects when no answer came: not let in by our own credentials' machinery, not reachable, or aborted. */
  get(request: RawRequest): Promise<RawAnswer>
  close(): void
}

/** The credentials could not be obtained: an exec plugin failed, a token file is gone. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

export interface ConnectionOptions {
  readonly access: ClusterAccess
  readonly clock: Clock
  /** The proxy that the environment names for a server, if any. None by default. */
  readonly proxyOf?: (server: URL) => URL | undefined
}

/** Thirty watches that are refused at once are one reason to read a token again, or to start a plugin. */
const renewalSpacingMs = 5000

/** Creates the connection; nothing is opened before the first request. */
export function createConnection({ access, clock, proxyOf = () => undefined }: ConnectionOptions): Connection {
  const { server } = access
  const proxy = proxyOf(server)
  const http1 = createHttp1Transport(server, proxy)
  const http2 = createHttp2Transport({ server, clock })
  const isTls = server.protocol === 'https:'
  const basePath = server.pathname.replace(/\/$/, '')
  let current: Promise<Credentials> | undefined

  async function obtainCredentials(): Promise<Credentials> {
    try {
      return await access.credentials()
    } catch (error) {
      throw new CredentialsError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }

  /** Two requests at a time share one reading, so that a plugin is not started thirty times. */
  function shareCredentials(): Promise<Credentials> {
    current ??= obtainCredentials().finally(() => {
      current = undefined
    })
    return current
  }

  async function send(request: RawRequest, credentials: Credentials): Promise<RawAnswer> {
    // Only HTTP/1.1 goes through proxies here.
    if (!isTls || credentials.proxyAgent || proxy) return http1.get(request, credentials)
    return (await http2.isOffered(credentials.tls)) ? http2.get(request, credentials) : http1.get(request, credentials)
  }

  let renewedAtMs = Number.NEGATIVE_INFINITY
  return {
    async get({ path, headers, signal, ...rest }) {
      const credentials = await unlessAborted(shareCredentials(), signal)
      const request = { ...rest, path: basePath + path, headers: { ...headers, ...credentials.headers }, signal }
      const answer = await unlessAborted(send(request, credentials), signal)
      if (answer.status === 401 && clock.now() - renewedAtMs >= renewalSpacingMs) {
        renewedAtMs = clock.now()
        access.renew()
      }
      return answer
    },
    close() {
      http1.close()
      http2.close()
    },
  }
}

/** Plugins and handshakes are shared and end by themselves; who asked no longer waits for them once it has given up. */
function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    awaited.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
