/** The server about this process, port 8081: self-metrics and readiness. */
import type { FastifyInstance } from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import { createHttpServer, sendText } from './http-server.ts'
import { contentTypes } from './negotiation.ts'
import type { HttpLimits } from './node-server.ts'
import { serveProfiles } from './profiles.ts'
import type { ServerSecurity } from './request-guard.ts'
import { serveStatus } from './status/serve-status.ts'
import type { StatusSource } from './status/status.ts'

/** The answer of /readyz: whether traffic may come, and lines that say what is missing. */
export interface Readiness {
  readonly ready: boolean
  readonly lines: readonly string[]
}

export interface TelemetryServerOptions {
  version: string
  gate: LogGate
  limits: HttpLimits
  security: ServerSecurity
  /** Prometheus text of the self-metrics. */
  selfPage(): Promise<string>
  readiness(): Readiness
  /** The page at `/`; a list of links if omitted. */
  status?: StatusSource | undefined
  /** What the series cost, as JSON; not served if omitted. */
  cardinality?: (() => Promise<object>) | undefined
  /** Whether profiles of the process can be taken. */
  profiling?: boolean | undefined
}

/** Creates the server for port 8081; it does not listen yet. */
export function createTelemetryServer(options: TelemetryServerOptions): FastifyInstance {
  const links = [
    { path: '/metrics', description: 'self-metrics' },
    { path: '/readyz', description: 'whether the initial lists are complete' },
    { path: '/healthz', description: 'whether this process responds' },
    { path: '/livez', description: 'the same, for a liveness probe' },
    ...(options.cardinality ? [cardinalityLink] : []),
    ...(options.profiling ? profileLinks : []),
  ]
  const server = createHttpServer(
    options.limits,
    {
      title: 'kube-state-otlp: self-telemetry',
      description: 'Metrics and readiness of kube-state-otlp itself.',
      version: options.version,
      links,
      isReplaced: options.status !== undefined,
    },
    options.gate,
    options.security,
  )
  server.get('/metrics', async (_request, reply) => {
    const page = await options.selfPage()
    return reply.header('content-type', contentTypes.text).send(page)
  })
  server.get('/readyz', (_request, reply) => {
    const { ready, lines } = options.readiness()
    return sendText(reply, ready ? 200 : 503, [ready ? 'ready' : 'not ready', ...lines].join('\n'))
  })
  const { cardinality } = options
  if (cardinality) server.get('/cardinality', async (_request, reply) => reply.send(await cardinality()))
  if (options.status) serveStatus(server, options.status, links)
  if (options.profiling) serveProfiles(server, options.limits.writeMs)
  return server
}

const cardinalityLink = {
  path: '/cardinality',
  description: 'series and bytes by resource, family, label and namespace, for the command cardinality',
}
const profileLinks = [
  { path: '/debug/cpu-profile?seconds=10', description: 'CPU profile of the next seconds' },
  { path: '/debug/heap-profile?seconds=10', description: 'profile of the memory allocated in the next seconds' },
]
