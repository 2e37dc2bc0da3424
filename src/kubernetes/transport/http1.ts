/** Requests over HTTP/1.1: kept-alive connections, one per request in flight, through a proxy where there is one. */

import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { RawAnswer, Transport } from './connection.ts'

/** How long a connection is idle before TCP asks whether the peer lives. */
const keepAliveMsecs = 30_000

/** Creates the transport; `proxy` is the one that all requests go through. */
export function createHttp1Transport(server: URL, proxy: URL | undefined): Transport {
  const isTls = server.protocol === 'https:'
  // Without exceptions: whether the server has a proxy was decided by Go's rules, which are not those of Node.js.
  const proxyEnv = proxy && { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href }
  const options = { keepAlive: true, keepAliveMsecs, ...(proxyEnv && { proxyEnv }) }
  const agent = isTls ? new HttpsAgent(options) : new HttpAgent(options)
  const begin = isTls ? httpsRequest : httpRequest
  return {
    send({ method = 'GET', path, headers, body, signal }, { tls, proxyAgent }) {
      return new Promise<RawAnswer>((resolve, reject) => {
        const origin = { protocol: server.protocol, hostname: bareHost(server), port: server.port }
        const options = { ...origin, ...tls, method, path, headers, agent: proxyAgent ?? agent }
        const request = begin(options, (message) => resolve(answerOf(message)))
        request.on('error', reject)
        endOnAbort(request, signal, reject)
        request.end(body)
      })
    },
    close: () => agent.destroy(),
  }
}

/**
 * In place of the request's own `signal` option, which ends the process when it fires between the last byte of an answer
 * and the return of the socket to the agent, when the error has no listener.
 */
function endOnAbort(request: ClientRequest, signal: AbortSignal, reject: (reason: unknown) => void): void {
  const end = (): void => {
    reject(signal.reason)
    request.destroy()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  request.once('close', () => signal.removeEventListener('abort', end))
}

/** The host as sockets want it: an IPv6 address without brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function answerOf(message: IncomingMessage): RawAnswer {
  // The reader of the body receives errors; an error before that must not end the process.
  message.on('error', () => {})
  return { status: message.statusCode ?? 0, headers: message.headers, body: message }
}
