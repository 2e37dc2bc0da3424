/** Owns requests over HTTP/1.1: kept-alive connections, one per request under way, through a proxy where there is one. */

import type { IncomingMessage } from 'node:http'
import { Agent as HttpAgent, get as httpGet } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import type { RawAnswer, Transport } from './connection.ts'

/** How long a connection is idle before TCP asks whether the peer lives. */
const keepAliveMsecs = 30_000

/** Creates the transport. `environment` names the proxies, as curl and Go read them. */
export function createHttp1Transport(server: URL, environment: NodeJS.ProcessEnv): Transport {
  const isTls = server.protocol === 'https:'
  const options = { keepAlive: true, keepAliveMsecs, proxyEnv: environment }
  const agent = isTls ? new HttpsAgent(options) : new HttpAgent(options)
  const send = isTls ? httpsGet : httpGet
  return {
    get({ path, headers, signal }, { tls, proxyAgent }) {
      return new Promise<RawAnswer>((resolve, reject) => {
        const origin = { protocol: server.protocol, hostname: bareHost(server), port: server.port }
        send({ ...origin, ...tls, path, headers, signal, agent: proxyAgent ?? agent }, (message) =>
          resolve(answerOf(message)),
        ).on('error', reject)
      })
    },
    close: () => agent.destroy(),
  }
}

/** The host as sockets want it: an IPv6 address without brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function answerOf(message: IncomingMessage): RawAnswer {
  // Whoever reads the body hears of errors; an error before that must not end the process.
  message.on('error', () => {})
  return { status: message.statusCode ?? 0, headers: message.headers, body: message }
}
