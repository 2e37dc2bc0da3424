/** Single requests to the API server: path and query, the response, and refusals with their Status. It does not retry. */

import type { Readable } from 'node:stream'
import { PassThrough } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { decodeEnveloped } from './decode/envelope.ts'
import { compileJsonDecoder } from './decode/json.ts'
import { compileProtobufDecoder } from './decode/protobuf.ts'
import { Status } from './decode/stream-forms.ts'
import type { Connection, Lane, Method, RawAnswer, RawRequest } from './transport/connection.ts'
import { pipeThrough } from './transport/pipe-through.ts'

export interface ApiRequest {
  /** GET by default. */
  readonly method?: Method
  readonly path: string
  /** Parameters that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** `application/json` by default. */
  readonly accept?: string
  /** Take a compressed answer, if the server likes. */
  readonly gzip?: boolean
  /** Sent as JSON. */
  readonly body?: object
  /** Of the body; `application/json` by default. */
  readonly contentType?: string
  /** `reading` by default. */
  readonly lane?: Lane
  /** The timeout for the whole response including its body, in milliseconds; none by default. */
  readonly deadlineMs?: number
  readonly signal: AbortSignal
}

/** An answer of success (2xx), its body unread: to be read to its end or destroyed. */
export interface ApiAnswer {
  readonly contentType: string
  /** Decompressed. */
  readonly body: Readable
}

/** The API server, or something before it, has refused the request. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal'
  /** The HTTP status. */
  readonly code: number
  /** Undefined when the body was no Status: a proxy's page, half a response. */
  readonly status: Status | undefined
  /** How long the server asks to wait, if it does. */
  readonly retryAfterMs: number | undefined

  constructor(code: number, status: Status | undefined, retryAfterMs: number | undefined) {
    super(status?.message || `HTTP status ${code}`)
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Requests to one API server. */
export interface ApiClient {
  /** Rejects with ApiRefusal when the server refuses, with another error when no answer came. */
  send(request: ApiRequest): Promise<ApiAnswer>
  /** A small object, parsed; undefined for an answer without body. Rejects as `send` does. */
  sendJson(request: ApiRequest): Promise<unknown>
  close(): void
}

/** Creates the client. `userAgent` is for the server's audit log. */
export function createApiClient(connection: Connection, userAgent: string): ApiClient {
  async function send(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await connection.send(rawRequest(request, userAgent), request.lane)
    const body = decompressed(answer)
    const contentType = answer.headers['content-type'] ?? ''
    if (answer.status >= 200 && answer.status < 300) return { contentType, body }
    throw new ApiRefusal(answer.status, await readStatus(contentType, body), retryAfterMs(answer))
  }

  return {
    send,
    async sendJson(request) {
      const { body } = await send(request)
      const text = (await readAll(body)).toString('utf8')
      return text === '' ? undefined : JSON.parse(text)
    },
    close: () => connection.close(),
  }
}

function rawRequest(request: ApiRequest, userAgent: string): RawRequest {
  const { method = 'GET', path, query = {}, accept = 'application/json', gzip, body, deadlineMs, signal } = request
  const headers = {
    accept,
    'user-agent': userAgent,
    ...(gzip ? { 'accept-encoding': 'gzip' } : {}),
    ...(body ? { 'content-type': request.contentType ?? 'application/json' } : {}),
  }
  return {
    method,
    path: [path, queryText(query)].join(''),
    headers,
    body: body && Buffer.from(JSON.stringify(body)),
    signal: deadlineMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
  }
}

/** Joined rather than concatenated: a watch retains its path, and V8 a concatenated text as a tree. */
function queryText(query: NonNullable<ApiRequest['query']>): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  )
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`
}

function decompressed({ headers, body }: RawAnswer): Readable {
  return headers['content-encoding'] === 'gzip' ? pipeThrough(body, createGunzip()) : body
}

/** In seconds: Kubernetes writes no dates here. */
function retryAfterMs({ headers }: RawAnswer): number | undefined {
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10)
  return Number.isNaN(seconds) ? undefined : seconds * 1000
}

const decodeJsonStatus = compileJsonDecoder(Status)
const decodeProtobufStatus = compileProtobufDecoder(Status)

/** The Status in a body; undefined when the body is something else. */
async function readStatus(contentType: string, body: Readable): Promise<Status | undefined> {
  try {
    const bytes = await readAll(body)
    if (isProtobuf(contentType)) return decodeEnveloped(bytes, decodeProtobufStatus).object
    const parsed = JSON.parse(bytes.toString('utf8'))
    return parsed?.kind === 'Status' ? decodeJsonStatus(parsed) : undefined
  } catch {
    return undefined
  }
}

/** Whether a body of this type is in Kubernetes' protobuf form. */
export function isProtobuf(contentType: string): boolean {
  return contentType.startsWith('application/vnd.kubernetes.protobuf')
}

/** Far more than a Status or a single object has. */
const smallBodyBytes = 8 * 1024 * 1024

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of pipeThrough(body, new PassThrough())) {
    size += chunk.length
    if (size > smallBodyBytes) throw new Error(`the response has more than ${smallBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
