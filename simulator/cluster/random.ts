/** Owns chance: the same seed gives the same cluster and the same life. Refuses the clock and any other source. */

export interface Random {
  /** From 0 up to but not including 1. */
  fraction(): number
  /** Whole, both ends included. */
  int(least: number, most: number): number
  chance(probability: number): boolean
  /** Throws for an empty list. */
  pick<T>(values: readonly T[]): T
  /** Letters and digits as Kubernetes suffixes generated names with. */
  suffix(length: number): string
  hex(length: number): string
  uid(): string
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A generator (mulberry32) for a 32-bit seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1))
  const text = (length: number, alphabet: string) =>
    Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join('')
  const hex = (length: number) => text(length, '0123456789abcdef')
  return {
    fraction,
    int,
    chance: (probability) => fraction() < probability,
    pick(values) {
      if (values.length === 0) throw new Error('nothing to pick from')
      return values[int(0, values.length - 1)] as (typeof values)[number]
    },
    suffix: (length) => text(length, suffixAlphabet),
    hex,
    uid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  }
}
