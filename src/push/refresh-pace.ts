/**
 * The number of rows that are refreshed per tick, so that all are sent within an interval with an even load. Missed rows
 * are not added to later ticks, so there is no burst after an outage.
 */

/** The part of the interval in which all rows are sent; the rest is a margin for late ticks and slow requests. */
const lead = 0.9

export interface RefreshPace {
  /** A tick, with the total number of rows. */
  tick(totalRows: number): void
  /** The number of rows that may be taken; none unless positive. */
  readonly budget: number
  /** The number of rows that were taken, which may be more, because objects are not split. */
  spend(rows: number): void
}

/** For ticks every `tickMs`. If the interval is shorter, each tick refreshes everything. */
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
