/** The gauges of the store, for self-telemetry. */

import type { AnyResource } from '../families/family.ts'
import type { Store } from '../store/store.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

/** Registers the number of objects and series per resource, and their size. */
export function observeStore(metrics: SelfMetrics, store: Store): void {
  const perResource = (read: (resource: number) => number) => () =>
    store.registry.layouts.map(({ id, resource }) => ({
      value: read(id),
      attributes: { resource: nameOf(resource) },
    }))
  metrics.observeGauge(
    'kube_state_otlp_objects',
    'Number of objects with series in the store.',
    perResource(store.objects),
  )
  metrics.observeGauge('kube_state_otlp_series', 'Number of series in the store.', perResource(store.series))
  metrics.observeGauge('kube_state_otlp_block_bytes', 'Size of the series in memory in bytes.', () => [
    { value: store.blockBytes },
  ])
}

/** Several versions of a custom resource, and a built-in one, may have one plural name. */
function nameOf({ plural, apiVersion, variant }: AnyResource): string {
  return variant === undefined ? plural : `${plural}.${apiVersion}`
}
