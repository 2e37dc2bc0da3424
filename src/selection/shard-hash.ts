/**
 * The shard of an object, computed as in KSM: FNV-1a (64 bit) of the UID, then jump consistent hashing. 64-bit numbers
 * are handled as two 32-bit halves.
 */

const multiplierHigh = 0x27bb2ee6
const multiplierLow = 0x87b0b0fd
const twoTo31 = 2 ** 31
const twoTo32 = 2 ** 32

/** A 64-bit number as two halves, each a signed 32-bit number. */
export interface Hash {
  readonly high: number
  readonly low: number
}

/** The shard, from 0 to `totalShards` - 1, of an object with this UID. `totalShards` below 1 counts as 1. */
export function shardOf(uid: string, totalShards: number): number {
  if (totalShards <= 1) return 0
  const { high, low } = hashUid(uid)
  return jump(high, low, totalShards)
}

/** FNV-1a (64 bit) of the UTF-8 bytes of a UID, as API servers compute it for shard selectors too. */
export function hashUid(uid: string): Hash {
  // For each byte, exclusive or, then times 2^40 + 0x1b3, modulo 2^64.
  let high = 0xcbf29ce4 | 0
  let low = 0x84222325 | 0
  for (const byte of uidBytes(uid)) {
    low ^= byte
    const carry = Math.floor(((low >>> 0) * 0x1b3) / twoTo32)
    high = (Math.imul(high, 0x1b3) + (low << 8) + carry) | 0
    low = Math.imul(low, 0x1b3)
  }
  return { high, low }
}

const encoder = new TextEncoder()
const scratch = new Uint8Array(256)

/** The UTF-8 bytes of a UID, in a buffer that the next call overwrites if it is short. */
function uidBytes(uid: string): Uint8Array {
  if (uid.length > 80) return encoder.encode(uid)
  return scratch.subarray(0, encoder.encodeInto(uid, scratch).written)
}

/** Jump consistent hash (Lamping and Veach, 2014) of a 64-bit key; takes about ln(buckets) rounds. */
function jump(keyHigh: number, keyLow: number, buckets: number): number {
  let high = keyHigh
  let low = keyLow
  let bucket = 0
  let next = 0
  while (next < buckets) {
    bucket = next
    // The key is stepped by a linear congruential generator: times 2862933555777941757, plus 1.
    const product = multiplyHigh(low, multiplierLow)
    high = (product + Math.imul(low, multiplierHigh) + Math.imul(high, multiplierLow)) | 0
    low = (Math.imul(low, multiplierLow) + 1) | 0
    if (low === 0) high = (high + 1) | 0
    next = Math.floor((bucket + 1) * (twoTo31 / ((high >>> 1) + 1)))
  }
  return bucket
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(left: number, right: number): number {
  const leftHigh = left >>> 16
  const leftLow = left & 0xffff
  const rightHigh = right >>> 16
  const rightLow = right & 0xffff
  const middle = leftHigh * rightLow + ((leftLow * rightLow) >>> 16)
  const cross = leftLow * rightHigh + (middle & 0xffff)
  return (leftHigh * rightHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) | 0
}
