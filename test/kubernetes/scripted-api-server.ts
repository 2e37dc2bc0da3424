/** An API server on loopback whose responses a test sends, request by request. */

import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

type JsonObject = Record<string, unknown>

/** A request that waits for its response. */
export interface Exchange {
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: IncomingHttpHeaders
  readonly method: string
  /** JSON of a write request. */
  body(): Promise<JsonObject>
  /** Resolves when the client has gone, or the answer has ended. */
  readonly gone: Promise<unknown>
  refuse(code: number, status?: JsonObject, headers?: OutgoingHttpHeaders): void
  refuseAs(code: number, contentType: string, body: Uint8Array): void
  list(items: JsonObject[], metadata: JsonObject): void
  /** 201, as for an object that is new. */
  created(object: JsonObject): void
  answer(contentType: string, body: string | Uint8Array, headers?: OutgoingHttpHeaders): void
  /** Begins a stream. */
  stream(contentType?: string): EventStream
  /** Closes the connection without a response. */
  cut(): void
}

/** The answer to a watch. */
export interface EventStream {
  event(type: string, object: JsonObject): EventStream
  bookmark(resourceVersion: string, annotations?: Record<string, string>): EventStream
  /** The bookmark that completes a streaming list. */
  listEnd(resourceVersion: string): EventStream
  error(code: number, status?: JsonObject): EventStream
  raw(bytes: string | Uint8Array): EventStream
  end(): void
  cut(): void
}

export interface ScriptedApiServer {
  readonly url: URL
  /** The next request. */
  next(): Promise<Exchange>
  /** How many requests wait to be taken. */
  waiting(): number
  /** Closes the door: nobody listens any more. */
  close(): Promise<void>
  /** Listens again, on the same port. */
  reopen(): Promise<void>
}

/** Starts a server over plain HTTP. */
export async function startScriptedApiServer(): Promise<ScriptedApiServer> {
  const arrived: Exchange[] = []
  const takers: ((exchange: Exchange) => void)[] = []
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = createExchange(request, response)
    const taker = takers.shift()
    if (taker) taker(exchange)
    else arrived.push(exchange)
  }
  let server = await listen(receive, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    next() {
      const exchange = arrived.shift()
      return exchange ? Promise.resolve(exchange) : new Promise((resolve) => takers.push(resolve))
    },
    waiting: () => arrived.length,
    async close() {
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
    async reopen() {
      server = await listen(receive, port)
    },
  }
}

async function listen(
  receive: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  const server = createServer(receive)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function createExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = new URL(request.url ?? '/', 'http://server')
  const answer: Exchange['answer'] = (contentType, body, headers = {}) => {
    response.writeHead(200, { 'content-type': contentType, ...headers })
    response.end(body)
  }
  return {
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    method: request.method ?? '',
    body: async () => (await json(request)) as JsonObject,
    gone: once(response, 'close'),
    refuse(code, status = {}, headers = {}) {
      response.writeHead(code, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status }))
    },
    refuseAs(code, contentType, body) {
      response.writeHead(code, { 'content-type': contentType })
      response.end(body)
    },
    list: (items, metadata) =>
      answer('application/json', JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items })),
    created(object) {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(JSON.stringify(object))
    },
    answer,
    stream(contentType = 'application/json') {
      response.writeHead(200, { 'content-type': contentType })
      response.flushHeaders()
      return createEventStream(response)
    },
    cut: () => void request.socket.destroy(),
  }
}

function createEventStream(response: ServerResponse): EventStream {
  const stream: EventStream = {
    event(type, object) {
      return stream.raw(`${JSON.stringify({ type, object })}\n`)
    },
    bookmark: (resourceVersion, annotations = {}) =>
      stream.event('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion, annotations } }),
    listEnd: (resourceVersion) => stream.bookmark(resourceVersion, { 'k8s.io/initial-events-end': 'true' }),
    error: (code, status = {}) => stream.event('ERROR', { kind: 'Status', status: 'Failure', code, ...status }),
    raw(bytes) {
      response.write(bytes)
      return stream
    },
    end: () => void response.end(),
    cut: () => void response.socket?.destroy(),
  }
  return stream
}

/** A pod as far as reflectors care. */
export function pod(name: string, resourceVersion: string, more: JsonObject = {}): JsonObject {
  return { metadata: { name, namespace: 'a', uid: `uid-${name}`, resourceVersion }, ...more }
}
