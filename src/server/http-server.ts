/** Owns what both servers share: time limits, listening, closing, health. Refuses routes that only one of them has. */

import type { FastifyInstance, FastifyReply } from 'fastify'
import fastify from 'fastify'
import type { LogGate } from '../telemetry/log.ts'
import type { LandingPage } from './landing-page.ts'
import { renderLandingPage } from './landing-page.ts'

/** Where a server listens, and which flags say so. */
export interface ListenOptions {
  host: string
  /** 0 takes any free port. */
  port: number
}

export interface HttpTimeouts {
  /** Time for a client to send the head of a request. */
  readHeaderMs: number
  /** Time for a client to send a whole request. */
  readMs: number
  /** Time without progress after which a client that does not read is cut off. */
  writeMs: number
  /** Time that an idle connection is kept. */
  idleMs: number
}

/** KSM's defaults. */
export const defaultTimeouts: HttpTimeouts = { readHeaderMs: 5000, readMs: 60_000, writeMs: 60_000, idleMs: 300_000 }

/** A server that could not listen. The message is one clear line that names the flag to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: string

  constructor(listen: ListenOptions, flags: ListenFlags, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${formatAddress(listen)}: ${explainListenFailure(cause, flags)}`, { cause })
    this.code = cause.code ?? 'UNKNOWN'
  }
}

interface ListenFlags {
  host: string
  port: string
}

function explainListenFailure(cause: NodeJS.ErrnoException, flags: ListenFlags): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return `the port is taken; stop its owner or choose another with ${flags.port}`
    case 'EACCES':
      return `not permitted; choose a port of 1024 or above with ${flags.port}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no such address; choose another with ${flags.host}`
    case 'EAFNOSUPPORT':
      return `this machine does not speak that kind of address; try 0.0.0.0 with ${flags.host}`
    default:
      return `${cause.message}; see ${flags.host} and ${flags.port}`
  }
}

/** `host:port`, with IPv6 addresses in brackets. */
export function formatAddress({ host, port }: ListenOptions): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Creates a server with its landing page at `/`, and `/healthz` and `/livez`, which answer as long as our event loop turns.
 * A handler that throws is told through `gate` and answered 500.
 */
export function createHttpServer(timeouts: HttpTimeouts, landing: LandingPage, gate: LogGate): FastifyInstance {
  const server = fastify({ requestTimeout: timeouts.readMs, keepAliveTimeout: timeouts.idleMs })
  server.server.headersTimeout = timeouts.readHeaderMs
  const landingPage = renderLandingPage(landing)
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(landingPage))
  for (const path of ['/healthz', '/livez']) server.get(path, (_request, reply) => sendText(reply, 200, 'OK'))
  server.setErrorHandler((error, request, reply) => {
    gate.warn(`server${request.routeOptions.url}`, { err: error }, 'a request could not be answered')
    return sendText(reply, 500, 'this could not be answered; the log says why')
  })
  const paths = landing.links.map(({ path }) => path).join(', ')
  server.setNotFoundHandler((_request, reply) => sendText(reply, 404, `nothing here; there are ${paths}`))
  return server
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

/** Takes no more requests and lets the running ones end, for at most `graceMs`; then cuts them off. */
export async function closeWithin(server: FastifyInstance, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => server.server.closeAllConnections(), graceMs)
  try {
    await server.close()
  } finally {
    clearTimeout(cutOff)
  }
}
