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

export function createRequestBuffers(): RequestBuffers {
  let spare: Buffer | undefined
  return {
    take(length) {
      const taken = spare
      spare = undefined
      if (taken !== undefined && taken.length >= length) return taken
      return Buffer.allocUnsafeSlow(Math.ceil(length / step) * step)
    },
    give({ buffer }) {
      if (spare === undefined || spare.length < buffer.byteLength) spare = Buffer.from(buffer)
    },
  }
}
