/**
 * A set of series by 64-bit hash, with about 24 bytes per series. Series with the same hash are treated as equal; the
 * probability is 1 in 10 million for a page of a million series.
 */

/** Hashes, numbered from 0 in the order of insertion. */
export interface HashIndex {
  readonly size: number
  /** The number of a hash; undefined if it is unknown. */
  find(low: number, high: number): number | undefined
  /** The number of a hash, which is added if it is unknown. Halves are taken modulo 2^32. */
  add(low: number, high: number): number
  /** The halves of the hash with this number. */
  lowOf(number: number): number
  highOf(number: number): number
}

const smallestTable = 1024

export function createHashIndex(): HashIndex {
  let lows = new Uint32Array(smallestTable / 2)
  let highs = new Uint32Array(smallestTable / 2)
  // The number plus one; 0 is a free entry. At most half of the table is used.
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
