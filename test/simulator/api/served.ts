/** Owns a simulated API server and plain clients of it for the length of one test. Refuses to outlive the test. */

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { onTestFinished } from 'vitest'
import type { ApiServer, ApiServerOptions } from '../../../simulator/api/api-server.ts'
import { createApiServer } from '../../../simulator/api/api-server.ts'
import { builtInKinds } from '../../../simulator/api/built-in-kinds.ts'

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked at freely
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

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Whether the body ended as HTTP wants it. */
  readonly isComplete: boolean
}

export interface RequestOptions {
  readonly accept?: string
  readonly token?: string
  readonly authority?: string
  readonly method?: string
  readonly body?: unknown
}

/** The whole answer over HTTP/1.1, complete or cut. Rejects when the connection breaks before the headers. */
export function get(server: { readonly url: string }, path: string, options: RequestOptions = {}): Promise<Answer> {
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

/** The JSON of an answer. */
export async function getJson(server: ApiServer, path: string, options: RequestOptions = {}): Promise<Json> {
  return JSON.parse((await get(server, path, options)).body.toString())
}

/** A running watch over HTTP/1.1, as lines. */
export interface OpenWatch {
  readonly status: number
  /** The next event. Rejects when the stream ends before one comes. */
  next(): Promise<Json>
  /** Resolves when the stream is over: whether it ended as HTTP wants it. */
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

/** Reads on its own, so that a stream ends whether or not anybody waits for its lines. */
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
  // A stream that is cut is over like any other: what came whole counts.
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

/** `ADDED c0`, for comparisons at a glance. */
export const brief = ({ type, object }: Json): string =>
  `${type} ${object.metadata.name ?? object.metadata.resourceVersion ?? object.reason}`
