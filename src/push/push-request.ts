/** Requests across their attempts: each keeps its own count, and waits for its own retry. */

import type { Batch } from '../store/batch.ts'
import type { EndpointHealth } from './endpoint-health.ts'

/** After so many failures of its own a request is divided, even while others succeed. */
export const failuresBeforeDivision = 3

/** What one request carries until it is settled. Its content is encoded anew for each attempt. */
export interface PushRequest {
  readonly batch: Batch
  /** Attempts that failed, including those of the request of which this is a part. */
  failures: number
  /** Successes of the endpoint before the first failure: more of them show that the endpoint works. */
  successesBefore: number
  /** It failed before, is part of a request that failed, or holds what was set aside. */
  isSuspect: boolean
  /** When it is sent again, on the monotonic clock. */
  retryAt: number
}

/** A request that has not been sent. */
export const newRequest = (batch: Batch): PushRequest => ({
  batch,
  failures: 0,
  successesBefore: Number.POSITIVE_INFINITY,
  isSuspect: false,
  retryAt: 0,
})

/** A request of what was set aside: its next failure divides it, and says nothing about an endpoint that works. */
export const suspectRequest = (batch: Batch, health: EndpointHealth): PushRequest => ({
  batch,
  failures: failuresBeforeDivision,
  successesBefore: health.failures === 0 ? health.successes - 1 : health.successes,
  isSuspect: true,
  retryAt: 0,
})

/** Requests that wait for a retry. */
export interface Retries {
  readonly size: number
  /** Last in line. */
  add(request: PushRequest): void
  /** First in line, so that the parts of a request are settled before anything else is divided. */
  addParts(parts: readonly PushRequest[]): void
  /** Takes the first that is due; `anyTime`: whether it is due or not. */
  take(now: number, anyTime: boolean): PushRequest | undefined
  /** When the next one is due; infinite when none waits. */
  nextAt(): number
  /** All are due now. */
  bringForward(now: number): void
}

export function createRetries(): Retries {
  const waiting: PushRequest[] = []
  return {
    get size() {
      return waiting.length
    },
    add: (request) => void waiting.push(request),
    addParts: (parts) => void waiting.unshift(...parts),
    take(now, anyTime) {
      const index = anyTime ? 0 : waiting.findIndex(({ retryAt }) => retryAt <= now)
      return index === -1 ? undefined : waiting.splice(index, 1)[0]
    },
    nextAt: () => waiting.reduce((earliest, { retryAt }) => Math.min(earliest, retryAt), Number.POSITIVE_INFINITY),
    bringForward(now) {
      for (const request of waiting) request.retryAt = Math.min(request.retryAt, now)
    },
  }
}
