/** A token bucket: one request per interval, and a burst after an idle time. */

export interface RateLimit {
  readonly intervalMs: number
  readonly burst: number
}

export interface RateLimiter {
  /** Whether one more request is within the limit. A limit that differs from the last one starts with a full bucket. */
  admits(limit: RateLimit | undefined): boolean
}

/** `now` is a monotonic clock in milliseconds. */
export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  let current: RateLimit | undefined
  let tokens = 0
  let filledAtMs = 0
  return {
    admits(limit) {
      if (limit === undefined) return true
      const atMs = now()
      if (current?.intervalMs !== limit.intervalMs || current.burst !== limit.burst) tokens = limit.burst
      else tokens = Math.min(limit.burst, tokens + (atMs - filledAtMs) / limit.intervalMs)
      current = limit
      filledAtMs = atMs
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
