/**
 * Owns sets of series by their 64-bit hash: a page of a million series costs some 24 bytes for each. Refuses to keep
 * the series themselves; two that share a hash are one (odds of 1 in 10 million for a page of a million).
 */

/** Hashes numbered from 0 in the order in which they came. */
export interface HashIndex {
  readonly size: number
  /** The hash's number; undefined if it is not there. */
  find(low: number, high: number): number | undefined
  /** The hash's number, a new one if it was not there. Halves are taken modulo 2^32. */
  add(low: number, high: number): number
  /** The halves of the hash with this number. */
  lowOf(number: number): number
  highOf(number: number): number
}

const smallestTable = 1024

export function createHashIndex(): HashIndex {
  let lows = new Uint32Array(smallestTable / 2)
  let highs = new Uint32Array(smallestTable / 2)
  // A number plus one; 0 is free. At most half of the table is taken.
  let table = new Uint32Array(smallestTable)
  let size = 0
  const placeOf = (low: number, high: number): number => {
    const mask = table.length - 1
    let place = (low ^ high) & mask
    for (let taken = table[place]; taken; taken = table[place]) {
      if (lows[taken - 1] === low && highs[taken - 1] === high) return place
      place = (place + 1) & mask
    }
    return place
  }
  const grow = () => {
    lows = grown(lows)
    highs = grown(highs)
    table = new Uint32Array(2 * table.length)
    for (let i = 0; i < size; i++) table[placeOf(lows[i] as number, highs[i] as number)] = i + 1
  }
  return {
    get size() {
      return size
    },
    find(low, high) {
      const taken = table[placeOf(low >>> 0, high >>> 0)] as number
      return taken === 0 ? undefined : taken - 1
    },
    add(low, high) {
      const place = placeOf(low >>> 0, high >>> 0)
      const taken = table[place] as number
      if (taken > 0) return taken - 1
      lows[size] = low
      highs[size] = high
      table[place] = ++size
      if (size === lows.length) grow()
      return size - 1
    },
    lowOf: (number) => lows[number] as number,
    highOf: (number) => highs[number] as number,
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length)
  larger.set(array)
  return larger
}
