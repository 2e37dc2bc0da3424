/**
 * Owns what an outcome does to the objects and departures of a request. Nothing is ever dropped: what was not
 * acknowledged is due again, at once, after a delay, or after an interval when the receiver will not have it.
 */

import type { Claim } from '../store/claim.ts'
import type { Agenda } from './agenda.ts'
import type { Backoff } from './backoff.ts'
import type { Outcome } from './outcome.ts'
import type { PushReports } from './push-reports.ts'
import type { RequestSize } from './request-size.ts'
import type { Transport } from './transport.ts'

/** A request that was answered or given up. */
export interface Settled {
  readonly claim: Claim
  readonly bytes: number
  /** Of the back-off when it was sent. */
  readonly epoch: number
  readonly timedOut: boolean
}

export interface Verdicts {
  carryOut(settled: Settled, outcome: Outcome): void
  /** Takes one of the parts into which refused requests were divided, if there is any. */
  nextPart(): Claim | undefined
  readonly parts: number
}

export interface VerdictOptions {
  readonly backoff: Backoff
  readonly size: RequestSize
  readonly reports: PushReports
  readonly transport: Pick<Transport, 'renewCredentials'>
  readonly agenda: () => Pick<Agenda, 'renew'>
  readonly now: () => number
  /** How long the receiver is spared what it refused. */
  readonly intervalMs: number
}

/** Divisions per interval: enough to find several offenders among thousands, too few to flood a receiver that refuses all. */
const maxDivisions = 64
/** A refusal without a reason may be the receiver's trouble; as often as this in a row it is the content's. */
const maxRefusals = 3

export function createVerdicts(options: VerdictOptions): Verdicts {
  const { backoff, size, reports, transport, agenda, now, intervalMs } = options
  const parts: Claim[] = []
  /** Parts of requests whose content was refused: the reason is in one of them. */
  const suspects = new WeakSet<Claim>()
  const mayDivide = createAllowance(maxDivisions, intervalMs)
  let refusals = 0

  const release = (claim: Claim) => {
    claim.release()
    agenda().renew()
  }
  const setAside = (claim: Claim, message: string) => {
    reports.setAside(claim, message)
    claim.setAside(now() + intervalMs)
    agenda().renew()
  }
  const divide = (claim: Claim, message: string) => {
    if (claim.size === 1 || !mayDivide(now())) return setAside(claim, message)
    const halves = claim.split()
    for (const half of halves) suspects.add(half)
    parts.unshift(...halves)
    agenda().renew()
  }
  const shrink = ({ claim, bytes }: Settled, maxBytes: number | undefined, message: string) => {
    if (claim.size === 1) return setAside(claim, message)
    size.tooLarge(bytes, maxBytes)
    reports.shrunk(size.limit, message)
    release(claim)
  }
  const refuse = ({ claim, epoch }: Settled, message: string) => {
    refusals++
    backoff.fail(epoch, now(), undefined)
    if (refusals < maxRefusals && !suspects.has(claim)) release(claim)
    else divide(claim, message)
  }
  const retry = ({ claim, bytes, epoch, timedOut }: Settled, delayMs: number | undefined) => {
    if (timedOut && backoff.failures > 0) size.tooSlow(bytes)
    backoff.fail(epoch, now(), delayMs)
    release(claim)
  }

  return {
    get parts() {
      return parts.length
    },
    nextPart: () => parts.shift(),
    carryOut(settled, outcome) {
      const { claim, epoch } = settled
      if (outcome.kind !== 'refused') refusals = 0
      switch (outcome.kind) {
        case 'acknowledged':
        case 'partial':
          backoff.succeed(epoch)
          size.succeeded()
          return claim.acknowledge(now())
        case 'retryable':
          return retry(settled, outcome.delayMs)
        case 'too_large':
          backoff.succeed(epoch)
          return shrink(settled, outcome.maxBytes, outcome.message)
        case 'invalid':
          backoff.succeed(epoch)
          return divide(claim, outcome.message)
        case 'denied':
          transport.renewCredentials()
          backoff.fail(epoch, now(), undefined)
          return release(claim)
        case 'refused':
          return refuse(settled, outcome.message)
      }
    },
  }
}

/** Says yes so many times within each period. */
function createAllowance(times: number, periodMs: number): (now: number) => boolean {
  let since = Number.NEGATIVE_INFINITY
  let left = 0
  return (now) => {
    if (now - since >= periodMs) {
      since = now
      left = times
    }
    return left-- > 0
  }
}
