/** Rates per second of increasing totals over a sliding window. */

/** Totals since the start. */
export interface Totals {
  readonly points: number
  readonly bytes: number
  readonly requests: number
}

export interface RateMeter {
  /** Records the current totals and returns their increase per second over the window; zeros at first. */
  read(nowMs: number, totals: Totals): Totals
}

export function createRateMeter(windowMs = 10_000): RateMeter {
  const readings: { nowMs: number; totals: Totals }[] = []
  return {
    read(nowMs, totals) {
      readings.push({ nowMs, totals })
      while (readings.length > 2 && (readings[1]?.nowMs ?? nowMs) <= nowMs - windowMs) readings.shift()
      const [first] = readings
      const seconds = first === undefined ? 0 : (nowMs - first.nowMs) / 1000
      const rate = (key: keyof Totals) =>
        first === undefined || seconds <= 0 ? 0 : (totals[key] - first.totals[key]) / seconds
      return { points: rate('points'), bytes: rate('bytes'), requests: rate('requests') }
    },
  }
}
