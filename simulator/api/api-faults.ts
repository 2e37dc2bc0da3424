/** Fault injection for the simulated API server: faults as data, and scripts that assign them to requests. */

import type { Refusal } from './api-status.ts'
import { expired, forbidden, serverError, tooManyRequests, unauthorized } from './api-status.ts'
import type { ApiRequest } from './request.ts'

/** How a stream ends: connection closed, ended as if complete, silent, with an ERROR event, or with invalid bytes. */
export type Ending = 'cut' | 'end' | 'silence' | { readonly error: Refusal } | { readonly garbage: Uint8Array }

/** An interruption after a number of list items or watch events. */
export interface Interruption {
  readonly afterItems: number
  /** Sends half of the next item first. */
  readonly midItem?: boolean
  readonly by: Ending
}

/** A canned response, for APIs that the simulated server does not implement, such as TokenReview. */
export interface CannedResponse {
  readonly code: number
  readonly body: unknown
}

/** The fault of one request: a delay, another response, or an interruption of its stream. */
export interface Fault {
  readonly delayMs?: number
  /** The request also waits for this, so that tests do not depend on time. */
  readonly until?: Promise<unknown>
  /** Replaces the real response. */
  readonly response?: Refusal | CannedResponse | 'cut' | 'silence'
  readonly interruption?: Interruption
  /** Sends at most this many bytes at once, with a pause in between. */
  readonly pace?: { readonly bytes: number; readonly pauseMs: number }
  /** Omits all bookmarks of a watch, or only the one that ends the initial events. */
  readonly withoutBookmarks?: 'all' | 'initial'
}

/** Returns the fault of a request, or undefined for none. */
export type FaultScript = (request: ApiRequest) => Fault | undefined

/** Whether a script applies to a request. */
export type RequestFilter = (request: ApiRequest) => boolean

/** Matches requests with these verbs (all if none is given) for this resource. */
export const requestsFor =
  (plural: string, ...verbs: readonly string[]): RequestFilter =>
  ({ resource, verb }) =>
    resource?.plural === plural && (verbs.length === 0 || verbs.includes(verb))

/** The same fault for all matching requests. */
export const always =
  (filter: RequestFilter, fault: Fault): FaultScript =>
  (request) =>
    filter(request) ? fault : undefined

/** One fault after the other for the next matching requests (`undefined` for none), then none. */
export const inTurn = (filter: RequestFilter, ...faults: readonly (Fault | undefined)[]): FaultScript => {
  const remaining = [...faults]
  return (request) => (filter(request) ? remaining.shift() : undefined)
}

/** The fault of the first script that returns one. */
export const firstOf =
  (...scripts: readonly FaultScript[]): FaultScript =>
  (request) => {
    for (const script of scripts) {
      const fault = script(request)
      if (fault) return fault
    }
    return undefined
  }

/** 403 with the message of RBAC for matching requests. */
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

/** A server error such as 500 or 503. */
export const failWith = (code: number): Fault => ({ response: serverError(code) })

/** Closes the connection instead of responding. */
export const cutConnection = (): Fault => ({ response: 'cut' })

/** Accepts the request and never responds. */
export const keepSilent = (): Fault => ({ response: 'silence' })

/** Closes the connection after this many items or events, or in the middle of the next. */
export const cutAfter = (afterItems: number, midItem = false): Fault => ({
  interruption: { afterItems, midItem, by: 'cut' },
})

/** Sends nothing after this many items or events; the stream stays open. */
export const silenceAfter = (afterItems: number): Fault => ({ interruption: { afterItems, by: 'silence' } })

/** Sends an ERROR event after this many events of a watch; 410 by default. */
export const errorAfter = (afterItems: number, error: Refusal = expired('too old resource version: 1 (2)')): Fault => ({
  interruption: { afterItems, by: { error } },
})

/** Sends invalid bytes after this many items or events; the stream stays open. */
export const garbageAfter = (afterItems: number, garbage: Uint8Array = Buffer.from('\0garbage\n')): Fault => ({
  interruption: { afterItems, by: { garbage } },
})

/** Sends at most this many bytes at once. */
export const sendSlowly = (bytes: number, pauseMs: number): Fault => ({ pace: { bytes, pauseMs } })
