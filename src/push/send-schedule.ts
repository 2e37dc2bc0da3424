/** When what is sent: changes at each tick, a share of the refresh with them, and at shutdown only what is pending. */

import type { BatchRequest } from '../store/take-batch.ts'
import type { RefreshPace } from './refresh-pace.ts'

/** How much of what was due a request took: `full` when more is due than fitted. */
export type Share = 'all' | 'full'

export interface SendSchedule {
  /** A tick: what is due now may be sent. */
  begin(): void
  /** Between two ticks: changes and stale markers may be sent. */
  beginChanges(): void
  /** What the next request may take; undefined: nothing until the next tick. Without `refresh` only changes and stale markers. */
  next(refresh: boolean): BatchRequest | undefined
  /** What was taken of that, with so many rows of refreshed objects. */
  taken(share: Share, refreshedRows: number, refresh: boolean): void
  /** Something was put back that should not wait for the next tick. */
  renew(): void
}

const nothingToRefresh = { refreshBefore: Number.NEGATIVE_INFINITY, refreshRows: 0 }
const pendingOnly: BatchRequest = { markers: true, changes: true, ...nothingToRefresh }

export interface SendScheduleOptions {
  /** The store's clock. */
  readonly now: () => number
  readonly pace: RefreshPace
  /** Rows of all objects that may be sent. */
  readonly totalRows: () => number
}

export function createSendSchedule({ now, pace, totalRows }: SendScheduleOptions): SendSchedule {
  let isDue = false
  let begunAt = 0
  let mayRefresh = false
  return {
    begin() {
      isDue = true
      mayRefresh = true
      begunAt = now()
      pace.tick(totalRows())
    },
    beginChanges() {
      isDue = true
      mayRefresh = false
    },
    next(refresh) {
      if (!isDue) return undefined
      return refresh && mayRefresh ? { ...pendingOnly, refreshBefore: begunAt, refreshRows: pace.budget } : pendingOnly
    },
    taken(share, refreshedRows, refresh) {
      pace.spend(refreshedRows)
      isDue = share === 'full' || (mayRefresh && !refresh)
    },
    renew() {
      isDue = true
    },
  }
}

/** For the last flush: what is pending, as long as there is any. */
export const finalSchedule: SendSchedule = {
  begin() {},
  beginChanges() {},
  next: () => pendingOnly,
  taken() {},
  renew() {},
}
