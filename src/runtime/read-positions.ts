/** How far this process had read at some times: all changes that are older than the oldest pending one are acknowledged. */

export interface ReadPosition {
  /** Milliseconds of the store's clock. */
  readonly atMs: number
  /** By a key: all changes up to this revision were in the store. */
  readonly revisions: ReadonlyMap<string, number>
}

export interface ReadPositions {
  add(position: ReadPosition): void
  /** The latest revisions that had been read before a time in whole milliseconds; empty when that is not known. */
  before(ms: number): ReadonlyMap<string, number>
  /** What was read before that is asked for no more; the latest of it is kept. */
  forgetBefore(ms: number): void
}

/** While a change is pending for long; more are thinned out. */
const maxPositions = 100
/** Objects of a list become pending in steps after it. */
const admissionMs = 5000

export function createReadPositions(): ReadPositions {
  /** Oldest first. */
  let positions: readonly ReadPosition[] = []
  const isBefore = ({ atMs }: ReadPosition, ms: number) => atMs + admissionMs < ms
  return {
    add(position) {
      const kept = positions.length < maxPositions ? positions : positions.filter((_, i) => i % 2 === 0)
      positions = [...kept, position]
    },
    before: (ms) => positions.findLast((position) => isBefore(position, ms))?.revisions ?? new Map(),
    forgetBefore(ms) {
      const latest = positions.findLastIndex((position) => isBefore(position, ms))
      positions = positions.slice(Math.max(0, latest))
    },
  }
}
