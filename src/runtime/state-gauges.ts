/** Owns the gauges of what the store holds, for self-telemetry. */

import type { AnyResource } from '../families/family.ts'
import type { Store } from '../store/store.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

/** Registers objects and series per resource, and the bytes they take. */
export function observeStore(metrics: SelfMetrics, store: Store): void {
  const perResource = (read: (resource: number) => number) => () =>
    store.registry.layouts.map(({ id, resource }) => ({
      value: read(id),
      attributes: { resource: nameOf(resource) },
    }))
  metrics.observeGauge('kube_state_otlp_objects', 'Objects whose series are held.', perResource(store.objects))
  metrics.observeGauge('kube_state_otlp_series', 'Series that are held.', perResource(store.series))
  metrics.observeGauge('kube_state_otlp_block_bytes', 'Bytes that the series take in memory.', () => [
    { value: store.blockBytes },
  ])
}

/** Several versions of a custom resource, and a built-in one, may have one plural name. */
function nameOf({ plural, apiVersion, variant }: AnyResource): string {
  return variant === undefined ? plural : `${plural}.${apiVersion}`
}
