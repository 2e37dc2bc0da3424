/**
 * A time per slot in four bytes: milliseconds modulo 2^32, which are resolved against the latest time that was set. They are
 * exact for 49 days. Later ones appear more recent than they are, which delays a refresh by less than an interval.
 */
export interface SlotTimes {
  grow(size: number): void
  /** Stores whole milliseconds; a fraction is cut off. */
  set(slot: number, timeMs: number): void
  get(slot: number): number
}

export function createSlotTimes(size: number): SlotTimes {
  let column = new Uint32Array(size)
  let latest = 0
  return {
    grow(larger) {
      const enlarged = new Uint32Array(larger)
      enlarged.set(column)
      column = enlarged
    },
    set(slot, timeMs) {
      const whole = Math.floor(timeMs)
      latest = Math.max(latest, whole)
      column[slot] = whole % 2 ** 32
    },
    get: (slot) => latest - ((latest - (column[slot] as number)) >>> 0),
  }
}
