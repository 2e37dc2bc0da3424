/** What the end of a batch does to each of its entries in the ledger. */

import type { Entry, ObjectEntry, Settlement } from './batch.ts'
import { isMarker } from './batch.ts'
import { groupKey } from './batch-key.ts'
import { outdated } from './delivery-states.ts'
import type { LedgerQueues } from './ledger-queues.ts'
import { offerSlot } from './ledger-queues.ts'
import { settleMarker } from './markers-in-doubt.ts'

export function createSettlement(queues: LedgerQueues): Settlement {
  const { slots, asideSlots, asideMarkers, busy, changesInFlight } = queues
  const end = (entry: Entry) => {
    const key = groupKey(entry.resource, entry.group)
    const left = (busy.get(key) ?? 0) - 1
    if (left > 0) busy.set(key, left)
    else busy.delete(key)
    if (!isMarker(entry)) changesInFlight.delete(entry)
  }
  const lives = (entry: ObjectEntry) => slots.birth[entry.slot] === entry.birth
  return {
    offer(entry, accept) {
      if (isMarker(entry)) {
        const { block } = entry.marker
        if (block !== undefined) entry.offered = accept(block.bytes, 0, true)
      } else if (lives(entry)) {
        entry.offered = offerSlot(queues, entry.slot, accept)
        if (entry.offered) encodeAgain(queues, entry)
      }
    },
    acknowledge(entry, now) {
      end(entry)
      if (isMarker(entry)) return settleMarker(queues, entry.marker)
      if (!lives(entry)) return
      const isOutdated = queues.stateOf(entry.slot) === outdated
      queues.move(entry.slot, 'acknowledge', isOutdated ? queues.sinceOf(entry.slot) : now)
    },
    release(entry) {
      end(entry)
      if (isMarker(entry) || !lives(entry)) return
      const { slot, wasPending, since } = entry
      if (wasPending) return queues.move(slot, 'returnPending', since, true)
      const isOutdated = queues.stateOf(slot) === outdated
      queues.move(slot, 'returnAcknowledged', isOutdated ? queues.sinceOf(slot) : since, !isOutdated)
    },
    setAside(entry, aside) {
      end(entry)
      if (isMarker(entry)) {
        if (entry.marker.block !== undefined) asideMarkers.set(entry.marker, aside)
      } else if (lives(entry)) {
        queues.move(entry.slot, 'setAside', queues.sinceOf(entry.slot))
        asideSlots.set(entry.slot, aside)
      }
    },
  }
}

/** The next attempt has the object as it is now; but if that fails, the destination may have an earlier one alone. */
function encodeAgain(queues: LedgerQueues, entry: ObjectEntry): void {
  if (queues.stateOf(entry.slot) !== outdated) return
  if (!entry.wasPending) {
    entry.wasPending = true
    entry.since = queues.sinceOf(entry.slot)
    queues.changesInFlight.add(entry)
  }
  queues.move(entry.slot, 'encodeAgain', entry.since)
}
