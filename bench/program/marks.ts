/** Marks: values that a change of a pod sets and that no other series has, by which the receiver recognizes the change. */

import { quantile } from './quantile.ts'

/** The restart count of a container; real ones are smaller than the first mark. */
export const markMetric = 'kube_pod_container_status_restarts_total'
export const firstMark = 1_000_000

/** Of changes that arrived, in seconds. */
export interface Delays {
  readonly written: number
  readonly arrived: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** From the API server's answer to the first arrival, in milliseconds since 1970 by mark. */
export function delaysOf(written: ReadonlyMap<number, number>, arrivals: ReadonlyMap<number, number>): Delays {
  const seconds = [...written]
    .flatMap(([mark, writtenMs]) => {
      const arrivedMs = arrivals.get(mark)
      // A change can arrive before the answer to its writer.
      return arrivedMs === undefined ? [] : [Math.max(0, arrivedMs - writtenMs) / 1000]
    })
    .sort((a, b) => a - b)
  const at = (share: number) => quantile(seconds, share)
  return { written: written.size, arrived: seconds.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
