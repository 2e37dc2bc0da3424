/**
 * What one leader leaves to the next in the annotations of the Lease. Annotations of others, those of other parts of this
 * program included, stay as they are.
 */

import type { Lease } from '../kubernetes/coordination/lease.ts'
import { maxAheadMs } from '../time/slewed-time.ts'
import type { DeliveryProgress } from './delivery-progress.ts'
import { encodeProgress, parseProgress } from './delivery-progress.ts'

/** Unix milliseconds of the last request, in decimal digits. */
const lastTimestamp = 'kube-state-otlp/last-timestamp'
/** See delivery-progress.ts. */
const acknowledged = 'kube-state-otlp/acknowledged'
/** Unix milliseconds when a process last resumed, in decimal digits. */
export const resumedAt = 'kube-state-otlp/resumed-at'

export interface Handover {
  /** Unix milliseconds of the last request; 0 before the first. */
  readonly lastTimestampMs: number
  readonly progress: DeliveryProgress | undefined
}

/** The annotations for a Lease. What is not known yet is left out: then that of the former leader stays. */
export function handoverOf({ lastTimestampMs, progress }: Handover): Readonly<Record<string, string>> {
  // An empty one cannot be read: it replaces one that is no longer true.
  const text = progress && (encodeProgress(progress) ?? '')
  return {
    ...(lastTimestampMs === 0 ? {} : { [lastTimestamp]: String(lastTimestampMs) }),
    ...(text === undefined ? {} : { [acknowledged]: text }),
  }
}

/** What the holder has published; undefined when there is nothing that can be read. */
export function progressIn({ annotations }: Pick<Lease, 'annotations'>): DeliveryProgress | undefined {
  return parseProgress(annotations[acknowledged])
}

/** Unix milliseconds when a process last resumed; undefined when that is not known. */
export function lastResumedMs({ annotations }: Pick<Lease, 'annotations'>): number | undefined {
  return timestampIn(annotations[resumedAt])
}

/**
 * The timestamp that all of ours must exceed, since a receiver refuses samples that are older than what it has, and the
 * former leader's clock may have been ahead. After a crash its last requests are not in the annotation: it may have sent
 * until its renew deadline, which it counts from its last renewal by the same clock.
 */
export function timestampFloor(lease: Lease, renewDeadlineMs: number, wallMs: number): number {
  const published = lastTimestampIn(lease, wallMs)
  if (lease.holder === '') return published
  const renewedAt = Date.parse(lease.object.spec?.renewTime ?? '')
  const last = Math.max(published, isPossible(renewedAt, wallMs) ? renewedAt : 0)
  return last === 0 ? 0 : last + renewDeadlineMs
}

/** Unix milliseconds of the last request that the holder has published; 0 without any. */
export function lastTimestampIn({ annotations }: Pick<Lease, 'annotations'>, wallMs: number): number {
  const published = timestampIn(annotations[lastTimestamp]) ?? 0
  return isPossible(published, wallMs) ? published : 0
}

/** False for one that no receiver would have taken. */
const isPossible = (timestampMs: number, wallMs: number) => timestampMs <= wallMs + maxAheadMs

function timestampIn(text: string | undefined): number | undefined {
  const ms = Number(text)
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined
}
