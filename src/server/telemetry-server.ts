/** Owns the server about ourselves: self-metrics and readiness. Refuses object metrics, which have their own port. */
import type { FastifyInstance } from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import type { HttpTimeouts } from './http-server.ts'
import { createHttpServer, sendText } from './http-server.ts'
import { contentTypes } from './negotiation.ts'

/** Whether traffic may come, with one line for each resource that has something to say (not synced, forbidden, absent). */
export interface Readiness {
  ready: boolean
  lines: string[]
}

export interface TelemetryServerOptions {
  version: string
  gate: LogGate
  timeouts: HttpTimeouts
  /** Prometheus text of the self-metrics. */
  selfPage(): Promise<string>
  readiness(): Readiness
}

/** Creates the server for port 8081; it does not listen yet. */
export function createTelemetryServer(options: TelemetryServerOptions): FastifyInstance {
  const server = createHttpServer(
    options.timeouts,
    {
      title: 'kube-state-otlp: self-telemetry',
      description: 'How kube-state-otlp itself is doing.',
      version: options.version,
      links: [
        { path: '/metrics', description: 'metrics about this process and its work' },
        { path: '/readyz', description: 'whether every selected resource is synced or settled' },
        { path: '/healthz', description: 'whether this process answers' },
        { path: '/livez', description: 'the same, for a liveness probe' },
      ],
    },
    options.gate,
  )
  server.get('/metrics', async (_request, reply) => {
    const page = await options.selfPage()
    return reply.header('content-type', contentTypes.text).send(page)
  })
  server.get('/readyz', (_request, reply) => {
    const { ready, lines } = options.readiness()
    return sendText(reply, ready ? 200 : 503, [ready ? 'ready' : 'not ready', ...lines].join('\n'))
  })
  return server
}
