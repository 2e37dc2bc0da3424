/** OTLP/HTTP with protobuf: one POST per request over connections that are kept, compressed off the event loop. */

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent, request as requestPlain } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { reasonOf } from '../telemetry/failure-reason.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { CredentialContents, CredentialFiles } from './credentials.ts'
import { createCredentialReader, sameChannelCredentials } from './credentials.ts'
import type { HttpResponse } from './http-answer.ts'
import { httpAnswer } from './http-answer.ts'
import type { Environment } from './proxy.ts'
import { proxyUrlFor } from './proxy.ts'
import type { Answer, Transport } from './transport.ts'

export interface HttpTransportOptions extends CredentialFiles {
  /** The URL that requests are sent to, with its path. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly compression: 'none' | 'gzip' | 'zstd'
  /** For the proxy variables. */
  readonly environment: Environment
  readonly log: LogGate
}

/** Of a response that is not accepted, enough for its reason. */
const maxBodyBytes = 64 * 1024
const gzipAsync = promisify(gzip)
const zstdAsync = promisify(zstdCompress)

/** By content encoding, on the thread pool. The fastest levels: higher ones cost several times the CPU (docs/benchmarks.md). */
const compressors = {
  gzip: (bytes: Buffer) => gzipAsync(bytes, { level: constants.Z_BEST_SPEED }),
  zstd: (bytes: Buffer) => zstdAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
} as const

/** A transport over HTTP/1.1; it connects with the first request. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const url = new URL(options.url)
  const reader = createCredentialReader(options, options.log)
  let current: { readonly agent: Agent; readonly contents: CredentialContents } | undefined

  const agentFor = (contents: CredentialContents): Agent => {
    if (current !== undefined && sameChannelCredentials(current.contents, contents)) return current.agent
    current?.agent.destroy()
    current = { agent: openAgent(url, contents, options.environment), contents }
    return current.agent
  }
  /** Sockets of a connection that is dead without notice would be used again. */
  const dropConnections = () => {
    current?.agent.destroy()
    current = undefined
  }
  const send = async (bytes: Buffer, timeoutMs: number, signal: AbortSignal): Promise<Answer> => {
    const contents = await reader.read()
    const { compression } = options
    const body = compression === 'none' ? bytes : await compressors[compression](bytes)
    const ending = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const headers = headersOf(options, contents.token, body.length)
    try {
      const response = await post(url, { method: 'POST', agent: agentFor(contents), headers, signal: ending }, body)
      return httpAnswer(response, Date.now())
    } catch (error) {
      if (ending.aborted) dropConnections()
      else reader.renew()
      const message = ending.aborted ? `no response within ${timeoutMs / 1000}s` : reasonOf(error)
      return { kind: 'unavailable', timedOut: ending.aborted, message }
    }
  }

  return {
    async send(bytes, timeoutMs, signal) {
      try {
        return await send(bytes, timeoutMs, signal)
      } catch (error) {
        reader.renew()
        return { kind: 'denied', message: `credentials cannot be used: ${reasonOf(error)}` }
      }
    },
    renewCredentials: reader.renew,
    close: dropConnections,
  }
}

function openAgent(url: URL, { authorities, certificate, key }: CredentialContents, environment: Environment): Agent {
  const isTls = url.protocol === 'https:'
  const proxy = proxyUrlFor(url.host, isTls, environment)?.href
  // The decision for or against a proxy is made already, by Go's rules.
  const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' } }
  const kept = { keepAlive: true, ...proxyEnv }
  if (!isTls) return new Agent(kept)
  return new SecureAgent({
    ...kept,
    ...(authorities && { ca: authorities }),
    ...(certificate && { cert: certificate }),
    ...(key && { key }),
  })
}

function headersOf(
  { headers, compression }: HttpTransportOptions,
  token: string | undefined,
  length: number,
): Record<string, string | number> {
  return {
    'user-agent': 'kube-state-otlp',
    ...Object.fromEntries(headers),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(compression === 'none' ? {} : { 'content-encoding': compression }),
    'content-type': 'application/x-protobuf',
    'content-length': length,
  }
}

/** A server may close an idle connection at the moment at which it is used again: such a request is sent once more. */
async function post(url: URL, options: RequestOptions, body: Buffer): Promise<HttpResponse> {
  const first = open(url, options)
  try {
    return await exchange(first, body)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!first.reusedSocket || (code !== 'ECONNRESET' && code !== 'EPIPE')) throw error
    return exchange(open(url, options), body)
  }
}

function open(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? requestSecure(url, options) : requestPlain(url, options)
}

function exchange(request: ClientRequest, body: Buffer): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        if (length < maxBodyBytes) chunks.push(chunk)
        length += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks) })
      })
    })
    request.end(body)
  })
}
