/** The gauges of the store and of what is read, for self-telemetry. */

import { resourceName } from '../families/resource-name.ts'
import type { LimitStatus } from '../store/limit-scope.ts'
import type { Store } from '../store/store.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { WatchedScope } from './readiness.ts'

/** Registers the number of objects and series per resource, and their size. */
export function observeStore(metrics: SelfMetrics, store: Store): void {
  const perResource = (read: (resource: number) => number) => () =>
    store.registry.layouts.map(({ id, resource }) => ({
      value: read(id),
      attributes: { resource: resourceName(resource) },
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

/** Registers the limits on series and what they withhold. Those of families only appear if they are named or reached. */
export function observeLimits(metrics: SelfMetrics, store: Store): void {
  const perLimit = (read: (limit: LimitStatus) => number) => () =>
    store.limits().map((limit) => ({ value: read(limit), attributes: attributesOf(limit) }))
  metrics.observeGauge(
    'kube_state_otlp_series_limit',
    'Maximum number of series, by limit: all, resource or family.',
    perLimit(({ max }) => max),
  )
  metrics.observeGauge(
    'kube_state_otlp_series_limit_wanted',
    'Number of series that a limit applies to, including withheld ones.',
    perLimit(({ wanted }) => wanted),
  )
  metrics.observeGauge(
    'kube_state_otlp_series_withheld',
    'Number of series withheld by a limit. A series is withheld by one limit at most.',
    perLimit(({ withheld }) => withheld),
  )
}

function attributesOf({ kind, name }: LimitStatus): Record<string, string> {
  return kind === 'all' ? { limit: kind } : { limit: kind, [kind]: name }
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
