/** A hash of bytes for tables of a power of two: every byte affects every bit of the result. */

const multiplier = 0x85ebca6b
const lastMultiplier = 0xc2b2ae35

/** An unsigned 32-bit hash of `view[start, end)`. Reads four bytes at once. */
export function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start)
  let at = start
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), multiplier)
    hash ^= hash >>> 15
  }
  for (; at < end; at++) {
    hash = Math.imul(hash ^ view.getUint8(at), multiplier)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash, lastMultiplier)
  return (hash ^ (hash >>> 16)) >>> 0
}
