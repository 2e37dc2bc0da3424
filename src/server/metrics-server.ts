/** Owns the server of object metrics: who gets which page, and how many at once. Refuses to know how a page comes about. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import { createAdmission } from './admission.ts'
import type { HttpTimeouts } from './http-server.ts'
import { createHttpServer, sendText } from './http-server.ts'
import type { ExpositionFormat } from './negotiation.ts'
import { acceptsGzip, chooseFormat } from './negotiation.ts'
import type { MetricsPage, PageResult } from './page-writer.ts'
import { writePage } from './page-writer.ts'

/** What a scraper asked for. Absent sets mean no restriction; all names in them are known. */
export interface PageRequest {
  format: ExpositionFormat
  resources?: ReadonlySet<string>
  excludeResources?: ReadonlySet<string>
}

export interface MetricsServerOptions {
  version: string
  gate: LogGate
  metrics: SelfMetrics
  timeouts: HttpTimeouts
  openPage(request: PageRequest): MetricsPage
  /** Names that `?resources=` and `?exclude_resources=` may hold. */
  resourceNames(): ReadonlySet<string>
  gzip: boolean
  maxConcurrentScrapes: number
  /** Scrapes beyond these that may wait; more are answered 503. */
  maxQueuedScrapes: number
}

const retryAfterSeconds = 5

/** Creates the server for port 8080; it does not listen yet. */
export function createMetricsServer(options: MetricsServerOptions): FastifyInstance {
  const server = createHttpServer(
    options.timeouts,
    {
      title: 'kube-state-otlp',
      description: 'The state of Kubernetes objects as metrics.',
      version: options.version,
      links: [
        { path: '/metrics', description: 'metrics of Kubernetes objects' },
        { path: '/healthz', description: 'whether this process answers' },
        { path: '/livez', description: 'the same, for a liveness probe' },
      ],
    },
    options.gate,
  )
  server.get('/metrics', createScrapeHandler(options))
  server.addHook('onResponse', async (request, reply) => {
    if (request.routeOptions.url !== '/metrics') return
    const seconds = reply.elapsedTime / 1000
    options.metrics.httpRequest({ handler: 'metrics', method: request.method, status: reply.raw.statusCode, seconds })
  })
  return server
}

function createScrapeHandler(options: MetricsServerOptions) {
  const admission = createAdmission(options.maxConcurrentScrapes, options.maxQueuedScrapes)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = readPageRequest(request, options.resourceNames())
    if (typeof asked === 'string') return sendText(reply, 400, asked)
    const startedAtMs = performance.now()
    const client = request.ip
    const report = (result: Omit<PageResult, 'outcome'>, outcome: PageResult['outcome'] | 'refused'): void =>
      options.metrics.scrape({ outcome, bytes: result.bytes, seconds: (performance.now() - startedAtMs) / 1000 })
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const place = await admission.enter(gone.signal)
    if (!place) {
      report({ bytes: 0 }, gone.signal.aborted ? 'aborted' : 'refused')
      return refuse(reply)
    }
    try {
      const result = await servePage(options, asked, request, reply)
      report(result, result.outcome)
      if (result.outcome === 'failed')
        options.gate.warn('server/page', { err: result.error }, 'a metrics page could not be written')
      if (result.outcome === 'stalled')
        options.gate.warn('server/stalled', { client }, 'a scraper stopped reading and was cut off')
    } finally {
      place.leave()
    }
    return reply
  }
}

function refuse(reply: FastifyReply): FastifyReply {
  reply.header('retry-after', String(retryAfterSeconds))
  return sendText(reply, 503, 'too many scrapes at once; scrape less often, or from fewer places')
}

/** Opens, writes and closes one page. A page that does not even open is answered 500. */
async function servePage(
  { openPage, gzip, timeouts }: MetricsServerOptions,
  asked: PageRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<PageResult> {
  let page: MetricsPage
  try {
    page = openPage(asked)
  } catch (error) {
    sendText(reply, 500, 'this page could not be made; the log says why')
    return { outcome: 'failed', bytes: 0, error }
  }
  try {
    const compress = gzip && acceptsGzip(request.headers['accept-encoding'])
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': page.contentType,
      vary: gzip ? 'Accept, Accept-Encoding' : 'Accept',
      ...(compress && { 'content-encoding': 'gzip' }),
    })
    const body = request.method === 'HEAD' ? { ...page, slices: [] } : page
    return await writePage(body, reply.raw, { gzip: compress, writeTimeoutMs: timeouts.writeMs })
  } finally {
    page.done()
  }
}

type Query = Readonly<Record<string, string | string[] | undefined>>

/** Returns one line that says what is wrong when the query is. */
function readPageRequest(request: FastifyRequest, known: ReadonlySet<string>): PageRequest | string {
  const query = request.query as Query
  const resources = readNames(query, 'resources')
  const excludeResources = readNames(query, 'exclude_resources')
  for (const [key, names] of Object.entries({ resources, exclude_resources: excludeResources })) {
    const unknown = [...(names ?? [])].filter((name) => !known.has(name))
    if (unknown.length > 0)
      return `?${key}= names ${unknown.map((name) => JSON.stringify(name)).join(', ')}; known are ${[...known].sort().join(', ')}`
  }
  return {
    format: chooseFormat(request.headers.accept),
    ...(resources && { resources }),
    ...(excludeResources && { excludeResources }),
  }
}

function readNames(query: Query, key: string): Set<string> | undefined {
  const names = [query[key] ?? []]
    .flat()
    .flatMap((list) => list.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names.length === 0 ? undefined : new Set(names)
}
