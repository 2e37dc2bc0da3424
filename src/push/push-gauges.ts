/** The gauges of the push: what is pending, and since when. They are read when somebody asks. */

import type { Ledger } from '../store/ledger.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

interface Observed {
  readonly ledger: Ledger
  /** The store's clock. */
  readonly now: () => number
  readonly stats: () => { readonly lastSuccessMs: number | undefined; readonly inFlight: number }
}

/** Registers the gauges with the self-metrics. */
export function observePush(metrics: SelfMetrics, { ledger, now, stats }: Observed): void {
  const gauge = (name: string, description: string, read: () => number | undefined) =>
    metrics.observeGauge(`kube_state_otlp_push_${name}`, description, () => {
      const value = read()
      return value === undefined ? [] : [{ value }]
    })
  gauge('dirty_objects', 'Changed objects that wait to be pushed.', () => ledger.pending)
  gauge('departed_series', 'Ended series whose stale marker is not acknowledged.', () => ledger.pendingMarkers)
  gauge('objects_set_aside', 'Objects held back because the collector refused their points.', () => ledger.setAside)
  gauge('requests_in_flight', 'Push requests that are not answered yet.', () => stats().inFlight)
  gauge(
    'oldest_change_age_seconds',
    'Age of the oldest change that was not acknowledged; 0 when there is none.',
    () => {
      const since = ledger.oldestChange()
      return since === undefined ? 0 : (now() - since) / 1000
    },
  )
  gauge(
    'last_success_timestamp_seconds',
    'When a push request last succeeded, in seconds since the Unix epoch.',
    () => {
      const { lastSuccessMs } = stats()
      return lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000
    },
  )
}
