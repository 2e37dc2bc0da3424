/** Owns what the push tells of itself: self-metrics of every request, and each trouble and its end once in the log. */

import type { Claim } from '../store/claim.ts'
import type { Store } from '../store/store.ts'
import type { LogGate } from '../telemetry/log.ts'
import { outageReminderMs } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Outcome } from './outcome.ts'

/** A request that has ended. */
export interface EndedRequest {
  readonly points: number
  readonly bytes: number
  readonly seconds: number
}

export interface PushReports {
  ended(request: EndedRequest, outcome: Outcome): void
  /** Requests are smaller from now on. */
  shrunk(limit: number, message: string): void
  /** All of the claim is held back, because of that message. */
  setAside(claim: Claim, message: string): void
  /** Departures that were dropped so far, for their number and for their age. */
  dropped(tooMany: number, tooOld: number): void
}

/** Objects named in one line of the log. */
const maxNamed = 5

export interface PushReportOptions {
  readonly store: Pick<Store, 'registry'>
  readonly endpoint: string
  readonly metrics: SelfMetrics
  readonly log: LogGate
}

export function createPushReports({ store, endpoint, metrics, log }: PushReportOptions): PushReports {
  let droppedBefore = 0
  const pluralOf = (resource: number) => store.registry.resource(resource).plural

  const tell = (outcome: Outcome) => {
    switch (outcome.kind) {
      case 'partial':
        metrics.pointsRejected(outcome.rejectedPoints)
        log.warn(
          'push/partial',
          { endpoint, rejectedPoints: outcome.rejectedPoints, reason: outcome.message },
          'the receiver took a request with reservations',
        )
        return log.recovered('push', 'push works again')
      case 'acknowledged':
        return log.recovered('push', 'push works again')
      case 'denied':
      case 'retryable':
      case 'refused':
        return log.warn(
          'push',
          { endpoint, outcome: outcome.kind, reason: outcome.message },
          'push fails, and goes on',
          { remindAfterMs: outageReminderMs },
        )
    }
  }

  return {
    ended(request, outcome) {
      metrics.pushRequest({ ...request, outcome: outcome.kind === 'acknowledged' ? 'success' : outcome.kind })
      tell(outcome)
    },
    shrunk: (limit, message) =>
      log.warn('push/size', { endpoint, limitBytes: limit, reason: message }, 'requests are made smaller'),
    setAside(claim, message) {
      const names = claim.names()
      for (const { resource } of names) metrics.objectSetAside(pluralOf(resource))
      const objects = names.slice(0, maxNamed).map(({ resource, group }) => `${pluralOf(resource)} ${group}`)
      log.warn(
        'push/set-aside',
        { endpoint, objects, count: names.length, reason: message },
        'the receiver refuses these objects; they are tried again after an interval',
      )
    },
    dropped(tooMany, tooOld) {
      const markers = tooMany + tooOld - droppedBefore
      if (markers <= 0) return
      droppedBefore += markers
      metrics.departedDropped(markers)
      log.warn('push/departed', { endpoint, markers }, 'staleness markers were given up before they could be sent')
    },
  }
}
