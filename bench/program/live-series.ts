/** The series that are live at the receiver, by a hash of name and labels: what was sent and has no stale marker since. */

import { isStale, seriesHash, visitPoints } from './otlp-points.ts'

export interface LiveSeries {
  apply(request: Buffer): void
  readonly size: number
  /** Stale markers of series that were not live. */
  readonly staleOfUnknown: number
}

export function createLiveSeries(): LiveSeries {
  const live = new Set<number>()
  let staleOfUnknown = 0
  return {
    apply(request) {
      visitPoints(request, (point) => {
        const hash = seriesHash(request, point)
        if (!isStale(request, point)) live.add(hash)
        else if (!live.delete(hash)) staleOfUnknown++
      })
    },
    get size() {
      return live.size
    },
    get staleOfUnknown() {
      return staleOfUnknown
    },
  }
}
