/** What a request must pass before its route: rate limit, password, and the authorisation that is passed in. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createPasswordCheck } from './web-config/basic-auth.ts'
import { createRateLimiter } from './web-config/rate-limiter.ts'
import type { WebConfig } from './web-config/web-config.ts'

/** What is known of a request that asks to be let in. */
export interface AccessRequest {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined
  /** In lower case, as the API server names verbs of paths. */
  readonly verb: string
  /** Without its query. */
  readonly path: string
}

/** `unavailable` if there is no decision. */
export type AccessDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'

/** Decides on a request; never rejects. */
export type Authorise = (request: AccessRequest) => Promise<AccessDecision>

/** Who may ask a server for what. */
export interface ServerSecurity {
  readonly web?: WebConfig | undefined
  readonly authorise?: Authorise | undefined
}

/** The paths of probes, which need no authorisation. */
export const probePaths = ['/healthz', '/livez', '/readyz']

/** Puts the guards before every route, pages that do not exist included. `authorise` is not asked about the open paths. */
export function guardRequests(
  server: FastifyInstance,
  { web, authorise }: ServerSecurity,
  openPaths: readonly string[],
): void {
  if (web !== undefined) server.addHook('onRequest', createWebGuard(web))
  if (authorise !== undefined) {
    server.addHook('onRequest', async (request, reply) => {
      if (openPaths.includes(request.routeOptions.url ?? '')) return
      const decision = await authorise(accessRequest(request))
      if (decision !== 'allowed') return refuse(reply, ...refusals[decision])
    })
  }
}

/** The path is the route's own: a rule on `/metrics` also means `/%6detrics`, which leads there. */
function accessRequest({ headers, method, routeOptions, url }: FastifyRequest): AccessRequest {
  const [asked = ''] = url.split('?', 1)
  return { authorization: headers.authorization, verb: method.toLowerCase(), path: routeOptions.url ?? asked }
}

type Refusal = readonly [status: number, text: string, headers?: Readonly<Record<string, string>>]

const refusals: Readonly<Record<Exclude<AccessDecision, 'allowed'>, Refusal>> = {
  unauthenticated: [401, 'unauthorized', { 'www-authenticate': 'Bearer realm="kube-state-otlp"' }],
  forbidden: [403, 'forbidden'],
  unavailable: [503, 'authorization unavailable', { 'retry-after': '5' }],
}

function refuse(reply: FastifyReply, status: number, text: string, headers = {}): FastifyReply {
  return reply.code(status).headers(headers).type('text/plain; charset=utf-8').send(`${text}\n`)
}

/** The order of Prometheus' exporter-toolkit, whose settings these are. */
function createWebGuard(web: WebConfig) {
  const limiter = createRateLimiter()
  const passwords = createPasswordCheck()
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { headers, rateLimit, users } = web.current()
    if (!limiter.admits(rateLimit)) return refuse(reply, 429, 'too many requests', { 'retry-after': '1' })
    // On the response itself: a page is written past Fastify.
    for (const [name, value] of headers) reply.raw.setHeader(name, value)
    if (users.size === 0) return undefined
    const result = await passwords.check(request.headers.authorization, users)
    if (result === 'accepted') return undefined
    if (result === 'busy') return refuse(reply, 503, 'too many concurrent logins', { 'retry-after': '1' })
    return refuse(reply, 401, 'unauthorized', { 'www-authenticate': 'Basic realm="kube-state-otlp", charset="UTF-8"' })
  }
}
