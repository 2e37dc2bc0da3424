/** A simulated API server and simple clients for one test. */

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { onTestFinished } from 'vitest'
import type { ApiServer, ApiServerOptions } from '../../../simulator/api/api-server.ts'
import { createApiServer } from '../../../simulator/api/api-server.ts'
import { builtInKinds } from '../../../simulator/api/built-in-kinds.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read arbitrary fields of bodies
export type Json = any

/** A server of all built-in kinds with a fixed clock, closed when the test ends. */
export async function serve(options: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const server = await createApiServer({ kinds: builtInKinds, now: () => Date.UTC(2026, 0, 1), ...options })
  onTestFinished(server.stop)
  return server
}

/** Config maps `c0`, `c1`, … in a namespace. */
export function createConfigMaps(server: ApiServer, count: number, namespace = 'default'): void {
  for (let index = 0; index < count; index++) {
    server.objects.create('configmaps', { metadata: { name: `c${index}`, namespace }, data: { key: 'value' } })
  }
}

export interface ReceivedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Whether the body is complete according to HTTP. */
  readonly isComplete: boolean
}

export interface RequestOptions {
  readonly accept?: string
  readonly token?: string
  readonly authority?: string
  readonly method?: string
  readonly body?: unknown
}

/** The response over HTTP/1.1, complete or not. Rejects if the connection is closed before the headers. */
export function get(
  server: { readonly url: string },
  path: string,
  options: RequestOptions = {},
): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    const stream = open(server, path, options)
    stream.on('error', reject)
    stream.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => {
        const { statusCode: status = 0, headers, complete: isComplete } = response
        resolve({ status, headers, body: Buffer.concat(chunks), isComplete })
      })
    })
  })
}

function open({ url }: { readonly url: string }, path: string, options: RequestOptions) {
  const { accept = 'application/json', token, authority, method = 'GET', body } = options
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const common = { headers, method, agent: false as const }
  const stream = url.startsWith('https')
    ? requestHttps(url + path, { ...common, ca: authority })
    : requestHttp(url + path, common)
  stream.end(body === undefined ? undefined : JSON.stringify(body))
  return stream
}

/** The JSON body of a response. */
export async function getJson(server: ApiServer, path: string, options: RequestOptions = {}): Promise<Json> {
  return JSON.parse((await get(server, path, options)).body.toString())
}

/** A running watch over HTTP/1.1, as lines. */
export interface OpenWatch {
  readonly status: number
  /** The next event. Rejects if the stream ends before it. */
  next(): Promise<Json>
  /** Resolves when the stream has ended: whether it was complete according to HTTP. */
  readonly ended: Promise<boolean>
  close(): void
}

/** Opens a watch of JSON; closed when the test ends. */
export function watch(server: ApiServer, path: string, options: RequestOptions = {}): Promise<OpenWatch> {
  return new Promise((resolve, reject) => {
    const stream = open(server, path, options)
    onTestFinished(() => void stream.destroy())
    stream.on('error', reject)
    stream.on('response', (response) => {
      const lines = readLines(response)
      const ended = new Promise<boolean>((settle) => response.on('close', () => settle(response.complete)))
      resolve({
        status: response.statusCode ?? 0,
        next: async () => JSON.parse(await lines.next()),
        ended,
        close: () => stream.destroy(),
      })
    })
  })
}

/** Reads continuously, so that the end of a stream is noticed without a pending read. */
function readLines(response: AsyncIterable<Buffer>): { next(): Promise<string> } {
  const lines: string[] = []
  let isOver = false
  let wake = () => {}
  const read = async () => {
    let rest = ''
    for await (const chunk of response) {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
      wake()
    }
  }
  // Whole lines before a closed connection count.
  void read().then(
    () => end(),
    () => end(),
  )
  const end = () => {
    isOver = true
    wake()
  }
  return {
    async next() {
      while (lines.length === 0) {
        if (isOver) throw new Error('the watch ended')
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return lines.shift() as string
    },
  }
}

/** Type and name of an event, such as `ADDED c0`. */
export const brief = ({ type, object }: Json): string =>
  `${type} ${object.metadata.name ?? object.metadata.resourceVersion ?? object.reason}`
