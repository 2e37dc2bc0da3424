/**
 * Asks the API server who a bearer token belongs to and whether its owner may request a path (TokenReview and
 * SubjectAccessReview). Decisions are cached briefly; requests are rejected while there is no decision.
 */

import { createHmac, randomBytes } from 'node:crypto'
import type { LogGate } from '../../telemetry/log.ts'
import type { Clock } from '../../time/clock.ts'
import type { ApiClient } from '../api-client.ts'
import { ApiRefusal } from '../api-client.ts'

export interface ReviewedRequest {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined
  /** In lower case, as RBAC rules have it: `get`. */
  readonly verb: string
  /** As RBAC rules have it under `nonResourceURLs`. */
  readonly path: string
}

/** `unavailable` when the API server did not decide. */
export type ReviewDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'

export interface AccessReviewOptions {
  readonly client: Pick<ApiClient, 'sendJson'>
  readonly clock: Clock
  readonly gate: LogGate
}

/** How long a decision is cached, in milliseconds. */
const maxAgeMs: Readonly<Record<ReviewDecision, number>> = {
  allowed: 60_000,
  unauthenticated: 10_000,
  forbidden: 10_000,
  unavailable: 0,
}

/** One decision takes two requests; with both a scraper's own timeout of 10 s is kept. */
const deadlineMs = 8000
const maxCached = 1000
/** Limits the requests to the API server when tokens are guessed. */
const maxConcurrent = 8

/** Creates the function that decides; it never rejects. */
export function createAccessReview(
  options: AccessReviewOptions,
): (request: ReviewedRequest) => Promise<ReviewDecision> {
  const { clock, gate } = options
  const secret = randomBytes(32)
  const cache = new Map<string, { readonly decision: ReviewDecision; readonly decidedAtMs: number }>()
  const running = new Map<string, Promise<ReviewDecision>>()

  function remembered(key: string): ReviewDecision | undefined {
    const entry = cache.get(key)
    if (entry === undefined) return undefined
    if (clock.now() - entry.decidedAtMs < maxAgeMs[entry.decision]) return entry.decision
    cache.delete(key)
    return undefined
  }

  function remember(key: string, decision: ReviewDecision): void {
    const oldest = cache.keys().next()
    if (cache.size >= maxCached && !oldest.done) cache.delete(oldest.value)
    if (maxAgeMs[decision] > 0) cache.set(key, { decision, decidedAtMs: clock.now() })
  }

  async function decide(token: string, request: ReviewedRequest, key: string): Promise<ReviewDecision> {
    try {
      const decision = await review(options.client, token, request)
      remember(key, decision)
      gate.recovered(faultKey, 'the API server authorizes requests again')
      return decision
    } catch (error) {
      gate.warn(faultKey, { err: error }, adviceOn(error))
      return 'unavailable'
    }
  }

  return async (request) => {
    const token = /^Bearer +(\S+) *$/i.exec(request.authorization ?? '')?.[1]
    if (token === undefined) return 'unauthenticated'
    const parts = [token, request.verb, request.path].map((part) => `${part.length}:${part}`)
    const key = createHmac('sha256', secret).update(parts.join()).digest('base64')
    const known = remembered(key) ?? running.get(key)
    if (known !== undefined) return known
    if (running.size >= maxConcurrent) return 'unavailable'
    const decision = decide(token, request, key).finally(() => running.delete(key))
    running.set(key, decision)
    return decision
  }
}

const faultKey = 'access-review'

interface TokenReviewStatus {
  readonly authenticated?: boolean
  readonly user?: {
    readonly username?: string
    readonly uid?: string
    readonly groups?: string[]
    readonly extra?: object
  }
}

/** Rejects when the API server does not answer in time, or refuses to decide. */
async function review(
  client: AccessReviewOptions['client'],
  token: string,
  { verb, path }: ReviewedRequest,
): Promise<ReviewDecision> {
  const signal = AbortSignal.timeout(deadlineMs)
  const ask = async (group: string, plural: string, kind: string, spec: object): Promise<unknown> => {
    const object = { apiVersion: `${group}/v1`, kind, spec }
    const answer = await client.sendJson({
      method: 'POST',
      path: `/apis/${group}/v1/${plural}`,
      body: object,
      lane: 'reviews',
      signal,
    })
    return (answer as { status?: unknown }).status ?? {}
  }
  const identity = (await ask('authentication.k8s.io', 'tokenreviews', 'TokenReview', { token })) as TokenReviewStatus
  const { username: user, uid, groups, extra } = identity.user ?? {}
  if (identity.authenticated !== true || !user) return 'unauthenticated'
  const spec = { user, uid, groups, extra, nonResourceAttributes: { path, verb } }
  const access = await ask('authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview', spec)
  return (access as { allowed?: boolean }).allowed === true ? 'allowed' : 'forbidden'
}

function adviceOn(error: unknown): string {
  if (error instanceof ApiRefusal && (error.code === 403 || error.code === 401)) {
    return 'no permission to create tokenreviews and subjectaccessreviews; requests are rejected with 503 until it is granted (kube-state-otlp rbac --auth-filter prints the rules)'
  }
  return 'the API server does not authorize requests; they are rejected with 503'
}
