/** Limits concurrency; the longest waiter is next. */

export interface Permits {
  /**
   * Resolves with the function that gives the permit back, which may be called more than once. Resolves without a permit
   * when the signal aborts.
   */
  acquire(signal: AbortSignal): Promise<() => void>
}

/** Creates the given number of permits. */
export function createPermits(count: number): Permits {
  const waiting = new Set<() => void>()
  let free = count

  function release(): void {
    const [next] = waiting
    if (next === undefined) free++
    else next()
  }

  function once(): () => void {
    let isHeld = true
    return () => {
      if (isHeld) release()
      isHeld = false
    }
  }

  return {
    async acquire(signal) {
      if (signal.aborted) return () => {}
      if (free > 0) {
        free--
        return once()
      }
      return new Promise((resolve) => {
        const take = (): void => {
          waiting.delete(take)
          signal.removeEventListener('abort', giveUp)
          resolve(once())
        }
        const giveUp = (): void => {
          waiting.delete(take)
          resolve(() => {})
        }
        waiting.add(take)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
  }
}
