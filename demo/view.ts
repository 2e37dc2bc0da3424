/** The data that the demo displays, without layout. */

import type { LatencySummary } from './latencies.ts'
import type { Totals } from './rate-meter.ts'
import type { RefreshEvenness } from './refresh-meter.ts'
import type { DemoSettings } from './settings.ts'

/** The measurements at the embedded receiver. */
export interface ReceiverView {
  readonly liveSeries: number
  readonly staleMarkers: number
  readonly refresh: RefreshEvenness | undefined
  /** In the last minute. */
  readonly latency: LatencySummary | undefined
  /** Changes that have not arrived yet. */
  readonly pending: number
}

export interface DemoView {
  readonly version: string
  readonly settings: DemoSettings
  readonly elapsedMs: number
  readonly metricsUrl: string
  readonly selfUrl: string
  /** The URL of the status page. */
  readonly statusUrl: string
  readonly endpoint: string
  readonly sync: {
    readonly done: number
    readonly total: number
    /** Undefined until all is done. */
    readonly tookMs: number | undefined
  }
  readonly objects: number
  readonly series: number
  readonly perSecond: Totals
  /** Changes of objects per second at the API server. */
  readonly changesPerSecond: number
  readonly pending: number
  readonly pendingMarkers: number
  readonly receiver: ReceiverView | undefined
  readonly problem: { readonly text: string; readonly agoMs: number; readonly count: number } | undefined
  readonly rssBytes: number
}
