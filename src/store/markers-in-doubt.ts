/** Stale markers that were acknowledged while the clock was in doubt: they are kept, and sent again when it was wrong. */

import type { LedgerQueues } from './ledger-queues.ts'
import type { StaleMarker } from './stale-markers.ts'

/** While the clock is in doubt the destination may have refused the time of what it acknowledges. */
export function settleMarker({ markers, markersInDoubt }: LedgerQueues, marker: StaleMarker): void {
  if (markersInDoubt === undefined || marker.block === undefined) markers.settle(marker)
  else markersInDoubt.add(marker)
}

/** Those from before `before`. */
export function forgetInDoubt({ markers, markersInDoubt }: LedgerQueues, before: number): void {
  for (const marker of markersInDoubt ?? []) {
    if (marker.since > before) continue
    markers.settle(marker)
    markersInDoubt?.delete(marker)
  }
}

export function seriesInDoubt({ markersInDoubt }: LedgerQueues): number {
  let series = 0
  for (const { block } of markersInDoubt ?? []) series += block?.rows ?? 0
  return series
}
