/** Rows of the product's dashboard: an overview, what is pending, and how pushes go. */
import type { Row } from './dashboard.ts'
import { line, stat } from './panel.ts'
import { ledger, own, quantile, rate } from './product-selectors.ts'

export const overview: Row = {
  title: 'Overview',
  panels: [
    stat({
      title: 'Objects',
      description: 'Objects with series, of the instance that has most. Replicas hold the same objects, shards do not.',
      unit: 'short',
      targets: [{ expr: `max(sum by (instance) (kube_state_otlp_objects{${own}}))` }],
    }),
    stat({
      title: 'Series',
      description: 'Series in the store, of the instance that has most.',
      unit: 'short',
      targets: [{ expr: `max(sum by (instance) (kube_state_otlp_series{${own}}))` }],
    }),
    stat({
      title: 'Oldest change',
      description: 'Age of the oldest change that the receiver has not acknowledged.',
      unit: 's',
      thresholds: [30, 120],
      targets: [{ expr: `max(kube_state_otlp_push_oldest_change_age_seconds{${own}})` }],
    }),
    stat({
      title: 'Last successful push',
      description: 'Time since a push succeeded, of the destination that waits longest.',
      unit: 's',
      thresholds: [120, 300],
      targets: [
        { expr: `max(time() - max by (destination) (kube_state_otlp_push_last_success_timestamp_seconds{${own}}))` },
      ],
    }),
    stat({
      title: 'Resident memory',
      description: 'Of the instance that uses most.',
      unit: 'bytes',
      targets: [{ expr: `max(process_resident_memory_bytes{${own}})` }],
    }),
    stat({
      title: 'Reflectors not synced',
      description: 'List-and-watch loops that are not synced, among them resources that are forbidden or not served.',
      unit: 'none',
      thresholds: [1, 100],
      targets: [{ expr: `sum(kube_state_otlp_reflectors{${own},status!="synced"}) or vector(0)` }],
    }),
  ],
}

export const freshness: Row = {
  title: 'Freshness and ledger',
  panels: [
    line({
      title: 'Age of the oldest change',
      description:
        'A change is acknowledged about a second after it happens. A growing age means that pushes fail or are slow.',
      unit: 's',
      thresholds: [30, 120],
      targets: [{ expr: `kube_state_otlp_push_oldest_change_age_seconds{${own}}`, legend: ledger }],
    }),
    line({
      title: 'Time since the last successful push',
      description: 'Standbys of a leader election do not push.',
      unit: 's',
      targets: [{ expr: `time() - kube_state_otlp_push_last_success_timestamp_seconds{${own}}`, legend: ledger }],
    }),
    line({
      title: 'Pending objects',
      description:
        'Changed objects that are not acknowledged. An outage of the receiver lets them grow up to the number of objects.',
      unit: 'short',
      targets: [{ expr: `kube_state_otlp_push_pending_objects{${own}}`, legend: ledger }],
    }),
    line({
      title: 'Pending stale markers',
      description: 'Ended series whose stale marker is not acknowledged, and how many were dropped.',
      unit: 'short',
      targets: [
        { expr: `kube_state_otlp_push_pending_stale_markers{${own}}`, legend: `${ledger} pending` },
        {
          expr: `increase(kube_state_otlp_push_stale_markers_dropped_total{${own}}[$__rate_interval])`,
          legend: `${ledger} dropped`,
        },
      ],
    }),
  ],
}

export const push: Row = {
  title: 'Push',
  panels: [
    line({
      title: 'Duration of push requests',
      description: 'By destination, of all outcomes and instances.',
      unit: 's',
      targets: [0.5, 0.9, 0.99].map((q) => ({
        expr: quantile(q, 'kube_state_otlp_push_duration_seconds', 'destination'),
        legend: `{{destination}} quantile ${q}`,
      })),
    }),
    line({
      title: 'Push requests by outcome',
      description: 'Every outcome except success is sent again or reported in the log.',
      unit: 'reqps',
      targets: [
        {
          expr: `sum by (destination, outcome) (${rate('kube_state_otlp_push_requests_total')})`,
          legend: '{{destination}} {{outcome}}',
        },
      ],
    }),
    line({
      title: 'Data points pushed',
      description: 'Changes immediately, everything once per push interval.',
      unit: 'cps',
      width: 8,
      targets: [
        {
          expr: `sum by (destination, outcome) (${rate('kube_state_otlp_push_points_total')})`,
          legend: '{{destination}} {{outcome}}',
        },
      ],
    }),
    line({
      title: 'Bytes pushed',
      description: 'Before compression.',
      unit: 'Bps',
      width: 8,
      targets: [
        {
          expr: `sum by (destination, outcome) (${rate('kube_state_otlp_push_bytes_total')})`,
          legend: '{{destination}} {{outcome}}',
        },
      ],
    }),
    line({
      title: 'Requests in flight',
      description: 'Push requests that are not answered.',
      unit: 'none',
      width: 8,
      targets: [{ expr: `kube_state_otlp_push_requests_in_flight{${own}}`, legend: ledger }],
    }),
    line({
      title: 'Rejected by the receiver',
      description:
        'Data points rejected in partial successes, and objects that are not sent for an interval because of it.',
      unit: 'short',
      width: 24,
      targets: [
        {
          expr: `sum by (destination) (${rate('kube_state_otlp_push_points_rejected_total')})`,
          legend: '{{destination}} points per second',
        },
        {
          expr: `sum by (destination) (kube_state_otlp_push_objects_set_aside{${own}})`,
          legend: '{{destination}} objects set aside',
        },
      ],
    }),
  ],
}
