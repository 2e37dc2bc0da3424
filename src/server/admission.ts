/** Owns how many scrapes run at once and how many may wait. Refuses to know what they do. */

/** A place among the running; `leave` gives it to whoever waits longest, and does so once however often it is called. */
export interface Place {
  leave(): void
}

export interface Admission {
  /** Waits for a place. `undefined` when the queue is full, or when `signal` aborts while waiting. */
  enter(signal: AbortSignal): Promise<Place | undefined>
}

/** Admits `places` at once, and lets `queueLength` more wait in order of arrival. */
export function createAdmission(places: number, queueLength: number): Admission {
  const waiting = new Set<() => void>()
  let taken = 0

  function take(): Place {
    taken += 1
    let held = true
    return {
      leave() {
        if (!held) return
        held = false
        taken -= 1
        const [next] = waiting
        next?.()
      },
    }
  }

  function wait(signal: AbortSignal): Promise<Place | undefined> {
    return new Promise((resolve) => {
      const settle = (place: Place | undefined): void => {
        waiting.delete(admit)
        signal.removeEventListener('abort', giveUp)
        resolve(place)
      }
      const admit = (): void => settle(take())
      const giveUp = (): void => settle(undefined)
      waiting.add(admit)
      signal.addEventListener('abort', giveUp)
    })
  }

  return {
    async enter(signal) {
      if (signal.aborted) return undefined
      if (taken < places) return take()
      return waiting.size < queueLength ? wait(signal) : undefined
    },
  }
}
