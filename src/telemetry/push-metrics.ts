/** The self-metrics of the push. Each has the name of the destination as a label, also when there is only one. */
import type { Meter } from '@opentelemetry/api'
import type { SelfMetrics } from './self-metrics.ts'
import { createTally } from './tally.ts'

/** One push request that has ended. `outcome` is one word of a small closed set, such as `success` or `unavailable`. */
export interface PushRequestReport {
  outcome: string
  points: number
  /** Uncompressed size. */
  bytes: number
  seconds: number
}

/** The reports of the push to one destination. `resource` is the plural name (`pods`). */
export interface PushMetrics {
  pushRequest(report: PushRequestReport): void
  /** Points that a receiver rejected in a partial success. */
  pointsRejected(points: number): void
  /** An object that is not sent for an interval because its points were rejected. */
  objectSetAside(resource: string): void
  /** Stale markers that were dropped before they were acknowledged. */
  staleMarkersDropped(markers: number): void
  /** As `SelfMetrics.observeGauge`, with the label of the destination. */
  readonly observeGauge: SelfMetrics['observeGauge']
}

/** Prometheus' default buckets: what KSM uses for its own request durations. */
export const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Creates the instruments; the result is called once for each destination. */
export function createPushMetrics(
  meter: Meter,
  observeGauge: SelfMetrics['observeGauge'],
): (destination: string) => PushMetrics {
  const tally = (name: string, description: string, ...labels: string[]) =>
    createTally(meter, name, description, ['destination', ...labels])
  const requests = tally(
    'kube_state_otlp_push_requests_total',
    'Number of completed push requests, by outcome.',
    'outcome',
  )
  const points = tally(
    'kube_state_otlp_push_points_total',
    'Number of data points in completed push requests, by outcome.',
    'outcome',
  )
  const bytes = tally(
    'kube_state_otlp_push_bytes_total',
    'Uncompressed size of completed push requests in bytes, by outcome.',
    'outcome',
  )
  const seconds = meter.createHistogram('kube_state_otlp_push_duration_seconds', {
    description: 'Duration of push requests.',
    advice: { explicitBucketBoundaries: requestBuckets },
  })
  const rejected = tally(
    'kube_state_otlp_push_points_rejected_total',
    'Number of data points rejected by the receiver in a partial success.',
  )
  const setAside = tally(
    'kube_state_otlp_push_objects_set_aside_total',
    'Number of times an object was not sent for an interval because the receiver rejected its data points.',
    'resource',
  )
  const dropped = tally(
    'kube_state_otlp_push_stale_markers_dropped_total',
    'Number of stale markers dropped before the receiver acknowledged them.',
  )
  return (destination) => {
    // Series that exist from the start, so that a rate sees their first increase.
    rejected(0, destination)
    dropped(0, destination)
    return {
      pushRequest(report) {
        const { outcome } = report
        requests(1, destination, outcome)
        points(report.points, destination, outcome)
        bytes(report.bytes, destination, outcome)
        seconds.record(report.seconds, { destination, outcome })
      },
      pointsRejected: (count) => rejected(count, destination),
      objectSetAside: (resource) => setAside(1, destination, resource),
      staleMarkersDropped: (markers) => dropped(markers, destination),
      observeGauge: (name, description, observe) =>
        observeGauge(name, description, async () =>
          (await observe()).map(({ value, attributes }) => ({ value, attributes: { destination, ...attributes } })),
        ),
    }
  }
}
