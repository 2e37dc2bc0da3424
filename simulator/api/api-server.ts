/**
 * A simulated kube-apiserver on loopback, for the demo, the benchmarks and the tests. It responds like the real one
 * (test/e2e/simulator.e2e.ts compares them), except for injected faults.
 */

import { createSocketListener } from '../otlp/socket-listener.ts'
import type { TlsMaterial } from '../otlp/tls-material.ts'
import type { Ending, FaultScript, RequestFilter } from './api-faults.ts'
import type { Exchange } from './http-endpoint.ts'
import { createHttpEndpoint } from './http-endpoint.ts'
import type { KindDefinition } from './kinds.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import type { ObjectStore, Snapshot, StoredEvent } from './object-store.ts'
import { createObjectStore } from './object-store.ts'
import type { ApiRequest } from './request.ts'
import { isTrue, parseResourcePath, verbOf } from './request.ts'
import type { ResponseContext } from './respond.ts'
import { respond } from './respond.ts'
import type { Watch } from './watch-stream.ts'

export interface ApiServerOptions {
  readonly kinds: readonly KindDefinition[]
  /** 127.0.0.1 by default. */
  readonly host?: string
  /** 0, the default, selects a free port, which is kept across restarts. */
  readonly port?: number
  /** Enables TLS and HTTP/2; plain HTTP/1.1 otherwise. */
  readonly tls?: TlsMaterial
  /** PEM of the CA that signed `tls.cert`, for the kubeconfig. */
  readonly authority?: string
  /** Bearer tokens and their users; all requests are accepted if unset. */
  readonly tokens?: Readonly<Record<string, string>>
  /** Whether streaming lists (WatchList) are supported; if not, they are rejected with 422. */
  readonly watchList?: boolean
  /** Whether shard selectors are supported; if not, as by default, they are ignored. */
  readonly shardSelectors?: boolean
  /** 60 s by default. */
  readonly bookmarkIntervalMs?: number
  /** Number of changes kept per kind, 1,000 by default. */
  readonly historySize?: number
  /** In milliseconds since 1970. */
  readonly now?: () => number
  readonly newUid?: () => string
  /** Called for each change of an object. */
  readonly onChange?: (plural: string, event: StoredEvent) => void
  readonly faults?: FaultScript
  /** Called for each request before anything else; the request is left to the caller if it returns true. */
  readonly intercept?: (exchange: Exchange, request: ApiRequest) => boolean
}

export interface ApiServer {
  readonly url: string
  readonly objects: Omit<ObjectStore, 'restore' | 'subscribe'>
  /** The latest 1,000 requests, oldest first. */
  readonly requests: readonly ApiRequest[]
  /** A kubeconfig with the first of the tokens. */
  kubeconfig(): string
  /** Takes effect with the next request; undefined ends the fault injection. */
  setFaults(script: FaultScript | undefined): void
  /** Takes effect with the next request; running watches continue. */
  setTokens(tokens: Readonly<Record<string, string>>): void
  /** Takes effect with the next request. */
  setWatchList(isServed: boolean): void
  /** Sends a bookmark on all running watches, or on those that match. */
  sendBookmarks(filter?: RequestFilter): void
  /** Interrupts all running watches, or those that match, and returns their number. */
  interruptWatches(ending: Ending, filter?: RequestFilter): Promise<number>
  /** The requests of the running watches. */
  watches(): readonly ApiRequest[]
  /** Restores an older state, including its resourceVersion, and drops all connections as a restart does. */
  restore(snapshot: Snapshot): Promise<void>
  /** Drops every connection and closes the port. */
  stop(): Promise<void>
  /** Opens the same port again. Rejects if it is in use. */
  start(): Promise<void>
}

const keptRequests = 1000

/** Creates a server that listens. Rejects if the port is in use. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { host = '127.0.0.1', port = 0, tls, now = Date.now } = options
  const store = createObjectStore(options)
  const watches = new Map<Watch, ApiRequest>()
  const requests: ApiRequest[] = []
  let count = 0
  let { faults: script, tokens, watchList: isWatchListServed = true } = options
  let isRunning = false

  const context: ResponseContext = {
    store,
    get isWatchListServed() {
      return isWatchListServed
    },
    hasShardSelectors: options.shardSelectors ?? false,
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
    nowMs: now,
    cut: (peer) => listener.cut(peer),
    onWatch(request, watch) {
      watches.set(watch, request)
      void watch.ended.then(() => watches.delete(watch))
    },
  }

  const serve = async (exchange: Exchange): Promise<void> => {
    const { user, isKnown } = identify(exchange, tokens)
    const request = await readRequest(exchange, count++, user)
    if (!request) return
    requests.push(request)
    if (requests.length > keptRequests) requests.shift()
    if (options.intercept?.(exchange, request)) return
    await respond(context, exchange, request, script?.(request), isKnown)
  }

  const endpoint = createHttpEndpoint(tls, (exchange) => void serve(exchange))
  const listener = createSocketListener(host, port, endpoint.accept)
  const matching = (filter: RequestFilter = () => true) =>
    [...watches].filter(([, request]) => filter(request)).map(([watch]) => watch)

  const stop = async (): Promise<void> => {
    if (!isRunning) return
    isRunning = false
    await listener.close()
  }
  const start = async (): Promise<void> => {
    if (isRunning) return
    await listener.open()
    isRunning = true
  }

  await start()
  const url = `${tls ? 'https' : 'http'}://${listener.address()}`
  return {
    url,
    objects: store,
    requests,
    kubeconfig: () => writeKubeconfig({ url, authority: options.authority, token: Object.keys(tokens ?? {})[0] }),
    setFaults: (next) => {
      script = next
    },
    setTokens: (next) => {
      tokens = next
    },
    setWatchList: (isServed) => {
      isWatchListServed = isServed
    },
    sendBookmarks: (filter) => {
      for (const watch of matching(filter)) watch.bookmark()
    },
    async interruptWatches(ending, filter) {
      const interrupted = matching(filter)
      await Promise.all(interrupted.map((watch) => watch.interrupt(ending)))
      return interrupted.length
    },
    watches: () => [...watches.values()],
    async restore(snapshot) {
      const wasRunning = isRunning
      await stop()
      store.restore(snapshot)
      if (wasRunning) await start()
    },
    stop,
    start,
  }
}

function identify({ headers }: Exchange, tokens: ApiServerOptions['tokens']): { user: string; isKnown: boolean } {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  const user = tokens?.[token]
  return { user: user ?? 'system:anonymous', isKnown: tokens === undefined || user !== undefined }
}

/** The parsed request; undefined if the client disconnected while sending it. */
async function readRequest(exchange: Exchange, index: number, user: string): Promise<ApiRequest | undefined> {
  const { httpVersion, method, headers, target } = exchange
  const { pathname: path, searchParams: query } = new URL(target, 'http://simulator')
  const resource = parseResourcePath(path)
  const verb = verbOf(method, resource, query)
  const isStreamingList = verb === 'watch' && isTrue(query.get('sendInitialEvents'))
  const body = method === 'GET' ? '' : await exchange.readBody().then(String, () => undefined)
  if (body === undefined) return undefined
  const known = { index, httpVersion, method, verb, path, query, headers, user, resource, isStreamingList }
  return { ...known, body: parseJson(body) }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
