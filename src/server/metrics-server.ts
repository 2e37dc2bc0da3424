/** The server of object metrics, port 8080: admission, content negotiation and selection of a page. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import type { ScrapeOutcome, SelfMetrics } from '../telemetry/self-metrics.ts'
import type { AdmissionLimits, Place } from './admission.ts'
import { createAdmission } from './admission.ts'
import { createHttpServer, sendText } from './http-server.ts'
import type { ExpositionFormat } from './negotiation.ts'
import { acceptsGzip, chooseFormat } from './negotiation.ts'
import type { HttpLimits } from './node-server.ts'
import type { MetricsPage, PageResult } from './page-writer.ts'
import { writePage } from './page-writer.ts'
import type { ServerSecurity } from './request-guard.ts'

/** The parameters of a scrape. Absent sets mean no restriction; unknown names in them select nothing. */
export interface PageRequest {
  format: ExpositionFormat
  resources?: ReadonlySet<string>
  excludeResources?: ReadonlySet<string>
}

export interface MetricsServerOptions {
  version: string
  gate: LogGate
  metrics: SelfMetrics
  limits: HttpLimits
  security: ServerSecurity
  openPage(request: PageRequest): MetricsPage
  gzip: boolean
  scrapes: AdmissionLimits
}

const retryAfterSeconds = 5

/** Creates the server for port 8080; it does not listen yet. */
export function createMetricsServer(options: MetricsServerOptions): FastifyInstance {
  const server = createHttpServer(
    options.limits,
    {
      title: 'kube-state-otlp',
      description: 'State of Kubernetes objects as metrics.',
      version: options.version,
      links: [
        { path: '/metrics', description: 'metrics of Kubernetes objects' },
        { path: '/healthz', description: 'whether this process responds' },
        { path: '/livez', description: 'the same, for a liveness probe' },
      ],
    },
    options.gate,
    options.security,
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
  const { gate, metrics } = options
  const admission = createAdmission(options.scrapes)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const startedAtMs = performance.now()
    const client = request.ip
    const report = (outcome: ScrapeOutcome, bytes: number): void =>
      metrics.scrape({ outcome, bytes, seconds: (performance.now() - startedAtMs) / 1000 })
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const evict = (): void => {
      reply.raw.emit('timeout')
      reply.raw.destroy()
    }
    const place = await admission.enter(gone.signal, evict)
    if (typeof place === 'string') {
      report(place === 'aborted' ? 'aborted' : 'refused', 0)
      return refuse(reply)
    }
    try {
      const result = await servePage(options, request, reply, place)
      report(result.outcome, result.bytes)
      if (result.outcome === 'failed') gate.warn('server/page', { err: result.error }, 'writing a metrics page failed')
      if (result.outcome === 'timeout')
        gate.warn('server/timeout', { client }, 'closed the connection of a scraper that read too slowly')
    } finally {
      place.leave()
    }
    return reply
  }
}

function refuse(reply: FastifyReply): FastifyReply {
  reply.header('retry-after', String(retryAfterSeconds))
  return sendText(reply, 503, 'too many concurrent scrapes; reduce the number or the frequency of scrapers')
}

/** Opens and writes one page. A page that cannot be opened is answered 500. */
async function servePage(
  { openPage, gzip }: MetricsServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  reader: Place,
): Promise<PageResult> {
  let page: MetricsPage
  try {
    page = openPage(readPageRequest(request))
  } catch (error) {
    sendText(reply, 500, 'internal error; see the log')
    return { outcome: 'failed', bytes: 0, error }
  }
  const compress = gzip && acceptsGzip(request.headers['accept-encoding'])
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': page.contentType,
    vary: gzip ? 'Accept, Accept-Encoding' : 'Accept',
    ...(compress && { 'content-encoding': 'gzip' }),
  })
  const body = request.method === 'HEAD' ? { ...page, slices: [] } : page
  return writePage(body, reply.raw, { gzip: compress, reader })
}

type Query = Readonly<Record<string, string | string[] | undefined>>

/** As kube-state-metrics reads it: `?resources=` without a name selects nothing, and unknown names are no error. */
function readPageRequest(request: FastifyRequest): PageRequest {
  const query = request.query as Query
  const resources = readNames(query, 'resources')
  const excludeResources = readNames(query, 'exclude_resources')
  return {
    format: chooseFormat(request.headers.accept),
    ...(resources && { resources }),
    ...(excludeResources && { excludeResources }),
  }
}

function readNames(query: Query, key: string): Set<string> | undefined {
  const lists = query[key]
  if (lists === undefined) return undefined
  return new Set([lists].flat().flatMap((list) => list.split(',').map((name) => name.trim())))
}
