/**
 * Owns how many rows are refreshed per tick, so that all of them pass within an interval at an even load. What a tick
 * could not send is not made up for: after an outage there is no burst.
 */

/** The part of the interval in which all rows pass; the rest is for ticks that come late and requests that take long. */
const lead = 0.9

export interface RefreshPace {
  /** A tick came, with so many rows in all. */
  tick(totalRows: number): void
  /** Rows that may be claimed; none unless positive. */
  readonly budget: number
  /** So many were. An object is taken whole, so that it may be more than there was. */
  spend(rows: number): void
}

/** For ticks every `tickMs`; at an interval shorter than that each tick refreshes everything. */
export function createRefreshPace(intervalMs: number, tickMs: number): RefreshPace {
  const ticks = Math.max(1, Math.floor((lead * intervalMs) / tickMs))
  let credit = 0
  return {
    tick(totalRows) {
      const perTick = totalRows / ticks
      credit = Math.max(Math.min(credit + perTick, perTick), -totalRows)
    },
    get budget() {
      return credit
    },
    spend(rows) {
      credit -= rows
    },
  }
}
