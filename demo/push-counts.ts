/** Reads the push counters of the product from its self-metrics page. */

import { text } from 'node:stream/consumers'
import { requestPage } from './page-request.ts'

/** Counts of acknowledged requests. */
export interface PushCounts {
  readonly points: number
  readonly bytes: number
  readonly requests: number
  /** Requests that failed. */
  readonly failed: number
  /** Requests without a response yet. */
  readonly inFlight: number
}

const sample = /^kube_state_otlp_push_(\w+?)(?:_total)?(?:\{(?:[^}]*,)?outcome="(\w+)"[^}]*\}|\{[^}]*\})? (\S+)$/

/** Parses the self-metrics page. */
export function parseSelfPage(page: string): PushCounts {
  const counts = { points: 0, bytes: 0, requests: 0, failed: 0, inFlight: 0 }
  for (const line of page.split('\n')) {
    const [, name, outcome, number] = sample.exec(line) ?? []
    const value = Number(number)
    const accepted = outcome === 'success' || outcome === 'partial'
    if (name === 'requests_in_flight') counts.inFlight += value
    else if (name === 'requests' && !accepted) counts.failed += value
    else if (accepted && (name === 'points' || name === 'bytes' || name === 'requests')) counts[name] += value
  }
  return counts
}

/** Fetches and parses the page. Rejects if it is not available. */
export async function fetchPushCounts(url: string): Promise<PushCounts> {
  const page = await requestPage(url, { signal: AbortSignal.timeout(5000) })
  return parseSelfPage(await text(page))
}
