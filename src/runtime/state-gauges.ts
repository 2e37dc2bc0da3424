/** The gauges of the store and of what is read, for self-telemetry. */

import type { AnyResource } from '../families/family.ts'
import type { Store } from '../store/store.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { WatchedScope } from './readiness.ts'

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

/** Registers the number of reflectors per resource and status. `scopesNow` returns what is read at present. */
export function observeReflectors(metrics: SelfMetrics, scopesNow: () => readonly WatchedScope[]): void {
  metrics.observeGauge(
    'kube_state_otlp_reflectors',
    'Number of list-and-watch loops, by resource and status: connecting, listing, synced, forbidden or absent.',
    () =>
      [...Map.groupBy(scopesNow(), ({ resource }) => resource)].flatMap(([resource, scopes]) =>
        [...Map.groupBy(scopes, (scope) => scope.status())].map(([status, { length }]) => ({
          value: length,
          attributes: { resource, status },
        })),
      ),
  )
}

/** Several versions of a custom resource, and a built-in one, may have one plural name. */
export function nameOf({ plural, apiVersion, variant }: AnyResource): string {
  return variant === undefined ? plural : `${plural}.${apiVersion}`
}
