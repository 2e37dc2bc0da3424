/** Bounds the scrapes that run at the same time and those that wait. A page whose reader stalls keeps no other from running. */

/** A place among the running scrapes. */
export interface Place {
  /** The reader has stopped reading: until `resume` this scrape does not count as running. */
  stall(): void
  resume(): void
  /** Frees the place, once however often it is called. */
  leave(): void
}

/** Why a scrape got no place: the queue is full, its wait took too long, or its client went away. */
export type Refusal = 'full' | 'waited' | 'aborted'

export interface AdmissionLimits {
  /** Scrapes that run at the same time. */
  readonly running: number
  /** Scrapes that wait, and pages that stay open beside the running ones while their readers stall. */
  readonly queued: number
  /** Longest wait in the queue. */
  readonly queuedMs: number
}

export interface Admission {
  /**
   * Waits for a place, in order of arrival, until `signal` aborts. `evict` is called at most once, when the reader of
   * this scrape has stalled longest and the place is needed; the caller must then end the page and leave.
   */
  enter(signal: AbortSignal, evict: () => void): Promise<Place | Refusal>
}

export function createAdmission({ running, queued, queuedMs }: AdmissionLimits): Admission {
  const waiting = new Set<() => void>()
  const open = new Set<Place>()
  /** In the order in which they stalled, with what evicts them. */
  const stalled = new Map<Place, () => void>()

  function take(evict: () => void): Place {
    let isEvicted = false
    const place: Place = {
      stall() {
        if (isEvicted || !open.has(place)) return
        stalled.set(place, () => {
          isEvicted = true
          stalled.delete(place)
          evict()
        })
        admitWaiting()
      },
      resume: () => void stalled.delete(place),
      leave() {
        stalled.delete(place)
        if (open.delete(place)) admitWaiting()
      },
    }
    open.add(place)
    return place
  }

  /** Whether a place is free. Evicts the page that has stalled longest when it alone is in the way. */
  function hasRoom(): boolean {
    if (open.size - stalled.size >= running) return false
    if (open.size < running + queued) return true
    const [evictLongest] = stalled.values()
    evictLongest?.()
    return open.size < running + queued
  }

  function admitWaiting(): void {
    for (const admit of waiting) {
      if (!hasRoom()) return
      admit()
    }
  }

  function wait(signal: AbortSignal, evict: () => void): Promise<Place | Refusal> {
    return new Promise((resolve) => {
      const settle = (entry: Place | Refusal): void => {
        waiting.delete(admit)
        clearTimeout(deadline)
        signal.removeEventListener('abort', giveUp)
        resolve(entry)
      }
      const admit = (): void => settle(take(evict))
      const giveUp = (): void => settle('aborted')
      const deadline = setTimeout(() => settle('waited'), queuedMs)
      waiting.add(admit)
      signal.addEventListener('abort', giveUp)
    })
  }

  return {
    async enter(signal, evict) {
      if (signal.aborted) return 'aborted'
      if (waiting.size === 0 && hasRoom()) return take(evict)
      return waiting.size < queued ? wait(signal, evict) : 'full'
    },
  }
}
