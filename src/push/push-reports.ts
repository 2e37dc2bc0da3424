/** Reports on requests: self-metrics for each one, and log messages when a problem starts and ends. */

import type { Batch } from '../store/batch.ts'
import type { Store } from '../store/store.ts'
import type { LogGate } from '../telemetry/log.ts'
import { outageReminderMs } from '../telemetry/log.ts'
import type { PushMetrics } from '../telemetry/push-metrics.ts'
import type { Answer } from './transport.ts'

/** A request that has ended. */
export interface EndedRequest {
  readonly points: number
  readonly bytes: number
  readonly seconds: number
}

export interface PushReports {
  ended(request: EndedRequest, answer: Answer): void
  /** Requests are smaller from now on. */
  shrunk(limit: number, message: string): void
  /** All of the batch is set aside, because of that message. */
  setAside(batch: Batch, message: string): void
  /** Stale markers that were dropped so far, for their number and for their age. It is a loss only if they were ours to send. */
  dropped(tooMany: number, tooOld: number, wereOurs: boolean): void
}

/** The destination in messages and self-metrics. */
export interface Destination {
  readonly name: string
  /** Its URL. */
  readonly endpoint: string
}

/** Objects named in one line of the log. */
const maxNamed = 5

export interface PushReportOptions {
  readonly store: Pick<Store, 'registry'>
  readonly destination: Destination
  readonly metrics: PushMetrics
  readonly log: LogGate
}

export function createPushReports({ store, destination, metrics, log }: PushReportOptions): PushReports {
  let droppedBefore = 0
  const of = { destination: destination.name, endpoint: destination.endpoint }
  const pluralOf = (resource: number) => store.registry.resource(resource).plural

  const logAnswer = (answer: Answer) => {
    switch (answer.kind) {
      case 'partial':
        metrics.pointsRejected(answer.rejectedPoints)
        log.warn(
          'push/partial',
          { ...of, rejectedPoints: answer.rejectedPoints, reason: answer.message },
          'the receiver rejected some data points (partial success)',
        )
        return log.recovered('push', 'OTLP push works again')
      case 'accepted':
        return log.recovered('push', 'OTLP push works again')
      case 'denied':
      case 'retry_after':
      case 'unavailable':
        return log.warn(
          'push',
          { ...of, outcome: answer.kind, reason: answer.message },
          'OTLP push failing; retrying',
          { remindAfterMs: outageReminderMs },
        )
    }
  }

  return {
    ended(request, answer) {
      metrics.pushRequest({ ...request, outcome: answer.kind === 'accepted' ? 'success' : answer.kind })
      logAnswer(answer)
    },
    shrunk: (limit, message) =>
      log.warn(
        'push/size',
        { ...of, limitBytes: limit, reason: message },
        'the receiver rejected a request as too large; sending smaller requests',
      ),
    setAside(batch, message) {
      const names = batch.names()
      for (const { resource } of names) metrics.objectSetAside(pluralOf(resource))
      const objects = names.slice(0, maxNamed).map(({ resource, group }) => `${pluralOf(resource)} ${group}`)
      log.warn(
        'push/set-aside',
        { ...of, objects, count: names.length, reason: message },
        'the receiver rejected these objects; retrying after an interval',
      )
    },
    dropped(tooMany, tooOld, wereOurs) {
      const markers = tooMany + tooOld - droppedBefore
      droppedBefore += markers
      if (markers <= 0 || !wereOurs) return
      metrics.staleMarkersDropped(markers)
      log.warn('push/stale-markers', { ...of, markers }, 'stale markers were dropped before the receiver accepted them')
    },
  }
}
