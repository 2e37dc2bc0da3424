/** How far a ledger is: its oldest stale markers and changes that are not acknowledged, and what another process has delivered. */

import type { LedgerQueues } from './ledger-queues.ts'
import { namespaceOf } from './object-table.ts'

/** The stale markers of a resource that are not acknowledged. */
export interface OldestMarkers {
  /** When the first of them arose. */
  readonly since: number
  /** What ended them came after this revision; 0 when that is not known. */
  readonly revision: number
}

export interface DeliveredElsewhere {
  /** The only one that it is said of; all if undefined. */
  readonly namespace?: string | undefined
  readonly markersUntil: number
  readonly changesUntil: number
}

export function oldestMarkers({ markers, markersInDoubt }: LedgerQueues): Map<number, OldestMarkers> {
  const oldest = new Map<number, OldestMarkers>()
  for (const marker of markers.all()) {
    if (markersInDoubt?.has(marker)) continue
    const { resource, since, revision } = marker
    const known = oldest.get(resource)
    if (known === undefined || revision < known.revision)
      oldest.set(resource, { since: known?.since ?? since, revision })
  }
  return oldest
}

export function settleElsewhere(
  queues: LedgerQueues,
  resource: number,
  { namespace, markersUntil, changesUntil }: DeliveredElsewhere,
  now: number,
): void {
  const { markers, pendingList, slots } = queues
  const isOf = (group: string) => namespace === undefined || namespaceOf(group) === namespace
  for (const marker of markers.all()) {
    if (marker.since >= markersUntil) break
    if (marker.resource === resource && isOf(marker.group)) markers.settle(marker)
  }
  for (let slot = pendingList.head; slot !== -1; ) {
    const after = pendingList.after(slot)
    const isDelivered = slots.resource[slot] === resource && queues.sinceOf(slot) < changesUntil
    if (isDelivered && isOf(slots.group[slot] as string)) queues.move(slot, 'deliverElsewhere', now)
    slot = after
  }
}

/** The pending list is in the order in which changes are sent, which is not that of their arrival: requests fail and are released. */
export function oldestChange({
  pendingList,
  changesInFlight,
  outdatedSlots,
  sinceOf,
}: LedgerQueues): number | undefined {
  let oldest = Number.POSITIVE_INFINITY
  for (let slot = pendingList.head; slot !== -1; slot = pendingList.after(slot))
    oldest = Math.min(oldest, sinceOf(slot))
  for (const { since } of changesInFlight) oldest = Math.min(oldest, since)
  for (const slot of outdatedSlots) oldest = Math.min(oldest, sinceOf(slot))
  return oldest === Number.POSITIVE_INFINITY ? undefined : oldest
}
