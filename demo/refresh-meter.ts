/**
 * Owns how even the refresh is: the points that say nothing new, by the tick in which they were sent. Objects that were
 * sent because they changed are left out.
 */

/** How even the ticks of the last while were. */
export interface RefreshEvenness {
  /** Points of each complete tick, oldest first. */
  readonly ticks: readonly number[]
  readonly mean: number
  readonly highest: number
}

export interface RefreshMeter {
  arrived(point: { readonly owner: string; readonly sentMs: number; readonly isNew: boolean }): void
  /** Undefined as long as too few ticks have passed. */
  evenness(): RefreshEvenness | undefined
}

/** Requests of one tick are sent within this, and ticks are further apart. */
const tickSpanMs = 400
const rememberedTicks = 60
const fewTicks = 5

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
    // A tick of changes alone is no refresh: the first push, or a flush in between.
    if (points > 0) ticks.push(points)
    if (ticks.length > rememberedTicks) ticks.shift()
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
      if (ticks.length < fewTicks) return undefined
      const mean = ticks.reduce((sum, points) => sum + points, 0) / ticks.length
      return { ticks: [...ticks], mean, highest: Math.max(...ticks) }
    },
  }
}
