/** Random values from a seed: the same seed gives the same cluster and the same changes. */

import { createRandomSource } from '../random-source.ts'

export interface Random {
  /** From 0 to less than 1. */
  fraction(): number
  /** An integer, both ends included. */
  int(least: number, most: number): number
  chance(probability: number): boolean
  /** Throws for an empty list. */
  pick<T>(values: readonly T[]): T
  /** Letters and digits as in the suffixes of generated names. */
  suffix(length: number): string
  hex(length: number): string
  uid(): string
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Random values for a 32-bit seed. */
export function createRandom(seed: number): Random {
  const fraction = createRandomSource(seed)
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
