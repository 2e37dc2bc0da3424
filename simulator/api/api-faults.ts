/** Owns the faults an API server can be told to have, as data and as ready-made scripts. Refuses to carry them out. */

import type { Refusal } from './api-status.ts'
import { expired, forbidden, serverError, tooManyRequests, unauthorized } from './api-status.ts'
import type { ApiRequest } from './request.ts'

/** What a stream does after some of its items: break the connection, end it as if complete, stop sending, say an ERROR event, or send these bytes. */
export type Ending = 'cut' | 'end' | 'silence' | { readonly error: Refusal } | { readonly garbage: Uint8Array }

/** Comes after so many items of a list or events of a watch have been sent. */
export interface Interruption {
  readonly afterItems: number
  /** Sends half of the next item first. */
  readonly midItem?: boolean
  readonly by: Ending
}

/** Any answer: for what the simulated server has no idea of, such as a TokenReview. */
export interface CannedResponse {
  readonly code: number
  readonly body: unknown
}

/** What happens to one request: it waits, is answered so, or its stream is interrupted. */
export interface Fault {
  readonly delayMs?: number
  /** Waits for this as well, so that tests need not guess at times. */
  readonly until?: Promise<unknown>
  /** Instead of the real answer. */
  readonly response?: Refusal | CannedResponse | 'cut' | 'silence'
  readonly interruption?: Interruption
  /** Sends at most so many bytes at once and pauses between. */
  readonly pace?: { readonly bytes: number; readonly pauseMs: number }
  /** A watch without any bookmark, or without the one that ends the initial events. */
  readonly withoutBookmarks?: 'all' | 'initial'
}

/** Decides on each request; undefined lets it pass without fault. */
export type FaultScript = (request: ApiRequest) => Fault | undefined

/** Whether a script is to act. */
export type RequestFilter = (request: ApiRequest) => boolean

/** The requests of these verbs for this resource. */
export const requestsFor =
  (plural: string, ...verbs: readonly string[]): RequestFilter =>
  ({ resource, verb }) =>
    resource?.plural === plural && (verbs.length === 0 || verbs.includes(verb))

/** That fault whenever the filter says so. */
export const always =
  (filter: RequestFilter, fault: Fault): FaultScript =>
  (request) =>
    filter(request) ? fault : undefined

/** These faults to the next matching requests in turn, `undefined` for none; then none at all. */
export const inTurn = (filter: RequestFilter, ...faults: readonly (Fault | undefined)[]): FaultScript => {
  const remaining = [...faults]
  return (request) => (filter(request) ? remaining.shift() : undefined)
}

/** The first script that has something to say. */
export const firstOf =
  (...scripts: readonly FaultScript[]): FaultScript =>
  (request) => {
    for (const script of scripts) {
      const fault = script(request)
      if (fault) return fault
    }
    return undefined
  }

/** 403 in RBAC's words for the requests that the filter names. */
export const withoutRight =
  (filter: RequestFilter): FaultScript =>
  (request) => {
    const { resource, verb, user } = request
    return resource && filter(request) ? { response: forbidden({ ...resource, verb, user }) } : undefined
  }

/** 401 */
export const refuseToken = (): Fault => ({ response: unauthorized() })

/** 429 with Retry-After. */
export const throttle = (retryAfterSeconds = 1): Fault => ({ response: tooManyRequests(retryAfterSeconds) })

/** 500, 503 and the like. */
export const failWith = (code: number): Fault => ({ response: serverError(code) })

/** Cuts the connection instead of an answer. */
export const cutConnection = (): Fault => ({ response: 'cut' })

/** Takes the request and never answers. */
export const keepSilent = (): Fault => ({ response: 'silence' })

/** Cuts the connection after so many items or events, or in the middle of the next. */
export const cutAfter = (afterItems: number, midItem = false): Fault => ({
  interruption: { afterItems, midItem, by: 'cut' },
})

/** Sends no more after so many items or events; the stream stays open. */
export const silenceAfter = (afterItems: number): Fault => ({ interruption: { afterItems, by: 'silence' } })

/** An ERROR event after so many events of a watch; 410 unless given. */
export const errorAfter = (afterItems: number, error: Refusal = expired('too old resource version: 1 (2)')): Fault => ({
  interruption: { afterItems, by: { error } },
})

/** Bytes that are no event after so many events, or no item after so many items; the stream stays open. */
export const garbageAfter = (afterItems: number, garbage: Uint8Array = Buffer.from('\0garbage\n')): Fault => ({
  interruption: { afterItems, by: { garbage } },
})

/** Sends at most so many bytes at once. */
export const sendSlowly = (bytes: number, pauseMs: number): Fault => ({ pace: { bytes, pauseMs } })
