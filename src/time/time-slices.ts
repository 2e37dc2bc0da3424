/**
 * Bounds how long all reflectors together keep the event loop busy, so that probes and scrapes are answered while long
 * lists arrive. There are no priorities: the longest waiter continues first. For work in steps of a synchronous caller see
 * `deferred-steps.ts`.
 */

/** Shared by all who process long streams. */
export interface TimeSlices {
  /** Whether the current slice is used up. Cheap enough to call before every object. */
  isSpent(): boolean
  /** Yields to the event loop; resolves when the next slice is free. */
  next(): Promise<void>
}

export interface TimeSliceOptions {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
  /** How long work may continue before the event loop runs everything else. */
  readonly sliceMs?: number
}

/** Creates the slices of one event loop. */
export function createTimeSlices({ now = () => performance.now(), sliceMs = 5 }: TimeSliceOptions = {}): TimeSlices {
  const waiting: (() => void)[] = []
  let startedAtMs: number | undefined

  /** A slice lasts until the event loop has completed an iteration. */
  function begin(): void {
    startedAtMs = now()
    setImmediate(end)
  }

  function end(): void {
    startedAtMs = undefined
    const resume = waiting.shift()
    if (!resume) return
    begin()
    resume()
  }

  return {
    isSpent() {
      if (startedAtMs === undefined) begin()
      return now() - (startedAtMs as number) >= sliceMs
    },
    next() {
      if (startedAtMs === undefined) begin()
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}
