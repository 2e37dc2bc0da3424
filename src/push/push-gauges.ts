/** The gauges of the push: what is pending, and since when. They are read on demand. */

import type { Ledger } from '../store/ledger.ts'
import type { PushMetrics } from '../telemetry/push-metrics.ts'

interface Observed {
  readonly ledger: Ledger
  /** The store's clock. */
  readonly now: () => number
  readonly stats: () => { readonly lastSuccessMs: number | undefined; readonly inFlight: number }
}

/** Registers the gauges of one destination. */
export function observePush(metrics: Pick<PushMetrics, 'observeGauge'>, { ledger, now, stats }: Observed): void {
  const gauge = (name: string, description: string, read: () => number | undefined) =>
    metrics.observeGauge(`kube_state_otlp_push_${name}`, description, () => {
      const value = read()
      return value === undefined ? [] : [{ value }]
    })
  // What is pending in a standby is pushed by another replica.
  const isOurs = () => ledger.mode === 'leading'
  gauge('pending_objects', 'Number of changed objects that are pending.', () => (isOurs() ? ledger.pending : 0))
  gauge(
    'pending_stale_markers',
    'Number of ended series whose stale marker is not acknowledged.',
    () => ledger.pendingMarkers,
  )
  gauge(
    'objects_set_aside',
    'Number of objects that are not sent for an interval because the receiver rejected them.',
    () => ledger.setAside,
  )
  gauge('requests_in_flight', 'Number of push requests in flight.', () => stats().inFlight)
  gauge('oldest_change_age_seconds', 'Age of the oldest unacknowledged change in seconds; 0 if there is none.', () => {
    const since = isOurs() ? ledger.oldestChange() : undefined
    return since === undefined ? 0 : (now() - since) / 1000
  })
  gauge('last_success_timestamp_seconds', 'Unix time of the last successful push request.', () => {
    const { lastSuccessMs } = stats()
    return lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000
  })
}
