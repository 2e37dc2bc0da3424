/**
 * What an answer does to a request and to the endpoint's state. Nothing is dropped: what was not acknowledged is sent
 * again, at once, after a delay of its own, or after an interval when the receiver refuses it.
 */

import { backOffMs } from '../time/back-off.ts'
import type { EndpointHealth } from './endpoint-health.ts'
import { pushBackOff } from './endpoint-health.ts'
import type { PushReports } from './push-reports.ts'
import type { PushRequest, Retries } from './push-request.ts'
import { failuresBeforeDivision } from './push-request.ts'
import type { RequestSize } from './request-size.ts'
import type { Answer, Transport } from './transport.ts'

/** An attempt that was answered or given up. */
export interface Attempt {
  readonly request: PushRequest
  readonly bytes: number
  /** The endpoint's epoch when it was sent. */
  readonly epoch: number
}

export interface ResponseHandlingOptions {
  readonly health: EndpointHealth
  readonly retries: Retries
  readonly size: RequestSize
  readonly reports: PushReports
  readonly transport: Pick<Transport, 'renewCredentials'>
  /** Something is due again before the next tick. */
  readonly onPutBack: () => void
  readonly now: () => number
  readonly random: () => number
  /** How long refused objects are not sent. */
  readonly intervalMs: number
}

/** Divisions per interval without any success: enough to find offenders, too few to flood a receiver that refuses everything. */
const maxDivisions = 64
/** Parts at the same time while nothing succeeds: an endpoint that is down says nothing about content. */
const maxPartsOnSuspicion = 64

export function createResponseHandling(options: ResponseHandlingOptions): (attempt: Attempt, answer: Answer) => void {
  const { health, retries, size, reports, transport, onPutBack, now, random, intervalMs } = options
  const allowance = createAllowance(maxDivisions, intervalMs)

  const acknowledge = ({ request, epoch }: Attempt) => {
    const wasFailing = health.failures > 0
    health.succeed(epoch)
    size.succeeded()
    if (request.isSuspect) allowance.restore()
    request.batch.acknowledge(now())
    if (wasFailing && health.failures === 0) retries.bringForward(now())
  }
  const setAside = ({ batch }: PushRequest, message: string) => {
    reports.setAside(batch, message)
    batch.setAside(now() + intervalMs, batch.size === 1)
  }
  const partsOf = (request: PushRequest) =>
    request.batch.split().map((batch) => ({ ...request, batch, isSuspect: true, retryAt: now() }))
  const divide = (request: PushRequest, message: string) => {
    if (request.batch.size === 1 || !allowance.take(now())) return setAside(request, message)
    retries.addParts(partsOf(request))
  }
  /** Others were accepted since it failed first: the endpoint works, so the content must be at fault. */
  const isContentAtFault = (request: PushRequest) => health.successes > request.successesBefore
  const retryLater = ({ request, epoch }: Attempt, message: string) => {
    const contentIsAtFault = isContentAtFault(request)
    if (!contentIsAtFault) health.fail(epoch, now())
    request.successesBefore = Math.min(request.successesBefore, health.successes)
    request.failures++
    request.isSuspect = true
    if (request.failures >= failuresBeforeDivision) {
      if (contentIsAtFault) return divide(request, message)
      if (request.batch.size > 1 && retries.size < maxPartsOnSuspicion) return retries.addParts(partsOf(request))
    }
    // An endpoint that works is not spared by a longer wait, and what shares the request waits too.
    request.retryAt = now() + backOffMs(contentIsAtFault ? 1 : request.failures, pushBackOff, random)
    retries.add(request)
  }
  const shrink = (
    { request, bytes, epoch }: Attempt,
    { maxBytes, message }: Extract<Answer, { kind: 'too_large' }>,
  ) => {
    health.succeed(epoch)
    if (request.batch.size === 1) return setAside(request, message)
    size.tooLarge(bytes, maxBytes, now())
    const limit = size.limitAt(now())
    if (limit >= bytes) return divide(request, message)
    reports.shrunk(limit, message)
    request.batch.release()
    onPutBack()
  }

  return (attempt, answer) => {
    const { request, bytes } = attempt
    switch (answer.kind) {
      case 'accepted':
      case 'partial':
        return acknowledge(attempt)
      case 'retry_after':
        if (answer.delayMs !== undefined) health.pause(now(), answer.delayMs)
        return retryLater(attempt, answer.message)
      case 'too_large':
        return shrink(attempt, answer)
      case 'invalid':
        health.succeed(attempt.epoch)
        return divide(request, answer.message)
      case 'denied':
        transport.renewCredentials()
        return retryLater(attempt, answer.message)
      case 'unavailable':
        if (answer.timedOut && request.failures > 0) size.tooSlow(bytes)
        return retryLater(attempt, answer.message)
    }
  }
}

/** Permits so many divisions within each period; each accepted part pays for two more, since dividing then helps. */
function createAllowance(times: number, periodMs: number) {
  let since = Number.NEGATIVE_INFINITY
  let left = 0
  return {
    take(now: number): boolean {
      if (now - since >= periodMs) {
        since = now
        left = times
      }
      return left-- > 0
    },
    restore() {
      left = Math.min(times, Math.max(0, left) + 2)
    },
  }
}
