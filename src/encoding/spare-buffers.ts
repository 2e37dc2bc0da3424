/**
 * The memory of requests, and of the slices of a page. One buffer is kept for the next: a new one for each is what makes V8 collect
 * garbage (docs/performance.md). One is enough, since the next is usually written as soon as another one was sent.
 */

export interface SpareBuffers {
  /** A buffer of at least so many bytes, with any content. */
  take(length: number): Buffer
  /** Takes back a buffer, or a part of it; nothing else refers to it any more. */
  give(bytes: Uint8Array): void
}

/** A buffer that so many in a row have used less than a quarter of is given up: the initial sync needed more. */
const maxSmallUses = 16

/** Sizes are multiples of `step` bytes, so that what has about the same size fits in the buffers of each other. */
export function createSpareBuffers(step = 256 * 1024): SpareBuffers {
  let spare: Buffer | undefined
  let smallUses = 0
  return {
    take(length) {
      const taken = spare
      spare = undefined
      const needed = Math.max(1, Math.ceil(length / step)) * step
      smallUses = taken !== undefined && taken.length > 4 * needed ? smallUses + 1 : 0
      const fits = taken !== undefined && taken.length >= length && smallUses < maxSmallUses
      return fits ? taken : Buffer.allocUnsafeSlow(needed)
    },
    give({ buffer }) {
      if (spare === undefined || spare.length < buffer.byteLength) spare = Buffer.from(buffer)
    },
  }
}
