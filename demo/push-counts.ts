/** Owns what the product counts of its own push, read from its page of self-metrics as anybody could. */

/** The product's own counts of requests that ended well. */
export interface PushCounts {
  readonly points: number
  readonly bytes: number
  readonly requests: number
  /** Requests that ended otherwise. */
  readonly failed: number
  /** Requests without an answer yet. */
  readonly inFlight: number
}

const sample = /^kube_state_otlp_push_(\w+?)(?:_total)?(?:\{outcome="(\w+)"[^}]*\}|\{[^}]*\})? (\S+)$/

/** Reads the page. */
export function parseSelfPage(page: string): PushCounts {
  const counts = { points: 0, bytes: 0, requests: 0, failed: 0, inFlight: 0 }
  for (const line of page.split('\n')) {
    const [, name, outcome, text] = sample.exec(line) ?? []
    const value = Number(text)
    const taken = outcome === 'success' || outcome === 'partial'
    if (name === 'requests_in_flight') counts.inFlight = value
    else if (name === 'requests' && !taken) counts.failed += value
    else if (taken && (name === 'points' || name === 'bytes' || name === 'requests')) counts[name] += value
  }
  return counts
}

/** Fetches and reads the page. Rejects when it is not to be had. */
export async function fetchPushCounts(url: string): Promise<PushCounts> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  return parseSelfPage(await response.text())
}
