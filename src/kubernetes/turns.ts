/**
 * Owns how long all reflectors together may keep the event loop busy at a stretch, so that probes and scrapes are
 * answered while long lists come in. Refuses priorities: who waits longest goes next.
 */

/** Shared by everybody who works through long streams. */
export interface Turns {
  /** Whether this turn's time is used up. Cheap enough to ask before every object. */
  spent(): boolean
  /** Resolves at the next free turn. */
  next(): Promise<void>
}

export interface TurnOptions {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** How long work may go on before everything else gets its chance. */
  readonly sliceMs?: number
}

/** Creates the turns of one event loop. */
export function createTurns({ now = () => performance.now(), sliceMs = 5 }: TurnOptions = {}): Turns {
  const waiting: (() => void)[] = []
  let startedAtMs: number | undefined

  /** A turn lasts until the event loop has come round once. */
  function begin(): void {
    startedAtMs = now()
    setImmediate(endTurn)
  }

  function endTurn(): void {
    startedAtMs = undefined
    const resume = waiting.shift()
    if (!resume) return
    begin()
    resume()
  }

  return {
    spent() {
      if (startedAtMs === undefined) begin()
      return now() - (startedAtMs as number) >= sliceMs
    },
    next() {
      if (startedAtMs === undefined) begin()
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}
