/**
 * Measures how evenly the refresh is spread: the number of unchanged points by the tick in which they were sent. Objects
 * that were sent because they changed are excluded.
 */

/** The distribution of points over the recent ticks. */
export interface RefreshEvenness {
  /** Points of each complete tick, oldest first. */
  readonly ticks: readonly number[]
  readonly mean: number
  readonly highest: number
}

export interface RefreshMeter {
  arrived(point: { readonly owner: string; readonly sentMs: number; readonly isNew: boolean }): void
  /** Undefined if there are too few ticks yet. */
  evenness(): RefreshEvenness | undefined
}

/** The requests of one tick are sent within this time, and ticks are further apart. */
const tickSpanMs = 400
const keptTicks = 60
const minTicks = 5

interface Tick {
  readonly sinceMs: number
  readonly unchanged: Map<string, number>
  readonly changed: Set<string>
}

export function createRefreshMeter(): RefreshMeter {
  const ticks: number[] = []
  let current: Tick | undefined
  const close = () => {
    if (current === undefined) return
    let points = 0
    for (const count of current.unchanged.values()) points += count
    // A tick with changes only is not a refresh: it is the first push, or a flush.
    if (points > 0) ticks.push(points)
    if (ticks.length > keptTicks) ticks.shift()
  }
  const tickOf = (sentMs: number): Tick => {
    if (current !== undefined && Math.abs(sentMs - current.sinceMs) < tickSpanMs) return current
    close()
    current = { sinceMs: sentMs, unchanged: new Map(), changed: new Set() }
    return current
  }
  return {
    arrived({ owner, sentMs, isNew }) {
      const { unchanged, changed } = tickOf(sentMs)
      if (isNew) {
        changed.add(owner)
        unchanged.delete(owner)
      } else if (!changed.has(owner)) unchanged.set(owner, (unchanged.get(owner) ?? 0) + 1)
    },
    evenness() {
      if (ticks.length < minTicks) return undefined
      const mean = ticks.reduce((sum, points) => sum + points, 0) / ticks.length
      return { ticks: [...ticks], mean, highest: Math.max(...ticks) }
    },
  }
}
