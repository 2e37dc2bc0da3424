/** What both HTTP servers share: limits, listening, closing, health. */

import type { RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fastify from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import type { LandingPage } from './landing-page.ts'
import { renderLandingPage } from './landing-page.ts'
import type { ListenFlags, ListenOptions } from './listen-error.ts'
import { ListenError } from './listen-error.ts'
import type { HttpLimits } from './node-server.ts'
import { createNodeServer } from './node-server.ts'
import type { ServerSecurity } from './request-guard.ts'
import { guardRequests, probePaths } from './request-guard.ts'

/**
 * Creates a server with its landing page at `/`, and `/healthz` and `/livez`, which answer as long as our event loop runs.
 * A handler that throws is logged through `gate` and answered 500.
 */
export function createHttpServer(
  limits: HttpLimits,
  landing: LandingPage,
  gate: LogGate,
  security: ServerSecurity,
): FastifyInstance {
  // Fastify asks once for each address that it listens on.
  const serverFactory = (handler: RequestListener) => createNodeServer(handler, limits, gate, security.web)
  const server = fastify({ serverFactory, schemaController: { compilersFactory: withoutSchemas } })
  if (limits.writeMs > 0) server.addHook('onRequest', async (_request, reply) => endWithin(reply.raw, limits.writeMs))
  guardRequests(server, security, landing.isReplaced ? probePaths : ['/', ...probePaths])
  const landingPage = renderLandingPage(landing)
  if (!landing.isReplaced) server.get('/', (_request, reply) => sendHtml(reply, landingPage))
  for (const path of ['/healthz', '/livez']) server.get(path, (_request, reply) => sendText(reply, 200, 'OK'))
  server.setErrorHandler((error, request, reply) => {
    gate.warn(`server${request.routeOptions.url}`, { err: error }, 'handling a request failed')
    return sendText(reply, 500, 'internal error; see the log')
  })
  const paths = landing.links.map(({ path }) => path).join(', ')
  server.setNotFoundHandler((_request, reply) => sendText(reply, 404, `not found; this server has ${paths}`))
  return server
}

/** No route has a JSON schema. Fastify would load its compilers of schemas even so: 2 MB of memory. */
const withoutSchemas = { buildValidator: refuseSchemas, buildSerializer: refuseSchemas }

function refuseSchemas(): never {
  throw new Error('routes of this server have no JSON schemas')
}

/** Like WriteTimeout of Go's net/http: closes the connection, after a `timeout` event, when the response is not written by then. */
function endWithin(response: ServerResponse, writeMs: number): void {
  const deadline = setTimeout(() => {
    response.emit('timeout')
    response.destroy()
  }, writeMs)
  response.once('close', () => clearTimeout(deadline))
}

/** Sends a page that loads nothing else. */
export function sendHtml(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    .header('x-content-type-options', 'nosniff')
    .send(page)
}

/** Sends one plain line or paragraph. */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`)
}

/** Starts listening and returns where. Throws ListenError. */
export async function listen(
  server: FastifyInstance,
  options: ListenOptions,
  flags: ListenFlags,
): Promise<ListenOptions> {
  try {
    await server.listen({ host: options.host, port: options.port })
  } catch (error) {
    throw new ListenError(options, flags, error as NodeJS.ErrnoException)
  }
  const bound = server.addresses()[0]
  return typeof bound === 'object' ? { host: bound.address, port: bound.port } : options
}

/** Takes no more requests and lets the running ones end, for at most `graceMs`; then closes their connections. */
export async function closeWithin(server: FastifyInstance, graceMs: number): Promise<void> {
  const deadline = setTimeout(() => server.server.closeAllConnections(), graceMs)
  try {
    await server.close()
  } finally {
    clearTimeout(deadline)
  }
}
