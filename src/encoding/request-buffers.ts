/**
 * The memory of requests. One buffer is kept for the next request: a new buffer of megabytes for each one is what makes V8
 * collect garbage (docs/performance.md). One is enough, since a request is usually encoded as soon as another one has ended.
 */

export interface RequestBuffers {
  /** A buffer of at least so many bytes, with any content. */
  take(length: number): Buffer
  /** Takes back a buffer, or a part of it; nothing else refers to it any more. */
  give(bytes: Buffer): void
}

/** Sizes are multiples of this, so that requests of about the same size fit in the buffers of each other. */
const step = 256 * 1024

/** A buffer that so many requests in a row have used less than a quarter of is given up: the initial sync needed more. */
const sparedRequests = 16

export function createRequestBuffers(): RequestBuffers {
  let spare: Buffer | undefined
  let smallRequests = 0
  return {
    take(length) {
      const taken = spare
      spare = undefined
      const needed = Math.max(1, Math.ceil(length / step)) * step
      smallRequests = taken !== undefined && taken.length > 4 * needed ? smallRequests + 1 : 0
      const fits = taken !== undefined && taken.length >= length && smallRequests < sparedRequests
      return fits ? taken : Buffer.allocUnsafeSlow(needed)
    },
    give({ buffer }) {
      if (spare === undefined || spare.length < buffer.byteLength) spare = Buffer.from(buffer)
    },
  }
}
