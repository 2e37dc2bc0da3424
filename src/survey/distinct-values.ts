/** Counts distinct 32-bit hashes in four to twelve bytes each. */

const firstSize = 8
/** The table grows when more than this part of it is in use. */
const maxShare = 0.7

export class DistinctValues {
  #table = new Uint32Array(firstSize)
  #used = 0
  /** In the table 0 is an unused entry. */
  #hasZero = false

  get count(): number {
    return this.#used + (this.#hasZero ? 1 : 0)
  }

  add(hash: number): void {
    if (hash === 0) this.#hasZero = true
    else if (put(this.#table, hash) && ++this.#used > maxShare * this.#table.length) this.#grow()
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#table.length)
    for (const hash of this.#table) if (hash !== 0) put(larger, hash)
    this.#table = larger
  }
}

/** Whether the hash is new. */
function put(table: Uint32Array, hash: number): boolean {
  const mask = table.length - 1
  let at = hash & mask
  while (table[at] !== 0) {
    if (table[at] === hash) return false
    at = (at + 1) & mask
  }
  table[at] = hash
  return true
}
