/**
 * Owns how large requests may be: the configured limit until the receiver or the line to it turns out smaller. A limit
 * that the receiver stated or showed stays; one that a slow line suggested is raised again as requests succeed.
 */

export interface RequestSize {
  /** Bytes before compression. */
  readonly limit: number
  /** A request of so many bytes was too large; `statedBytes` is the limit that the receiver named. */
  tooLarge(bytes: number, statedBytes: number | undefined): void
  /** A request of so many bytes was not answered in time. */
  tooSlow(bytes: number): void
  succeeded(): void
}

/** Below this a request is not made smaller for a slow line: headers and round trips would outweigh it. */
const smallestSlow = 64 * 1024

export function createRequestSize(maxBytes: number): RequestSize {
  let ceiling = maxBytes
  let limit = maxBytes
  return {
    get limit() {
      return limit
    },
    tooLarge(bytes, statedBytes) {
      const isHelpful = statedBytes !== undefined && statedBytes > 0 && statedBytes < bytes
      ceiling = Math.min(ceiling, isHelpful ? statedBytes : Math.floor(bytes / 2))
      limit = Math.min(limit, ceiling)
    },
    tooSlow(bytes) {
      if (bytes > smallestSlow) limit = Math.min(limit, Math.max(smallestSlow, Math.floor(bytes / 2)))
    },
    succeeded() {
      limit = Math.min(ceiling, 2 * limit)
    },
  }
}
