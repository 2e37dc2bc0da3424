/** Owns the progress lines of the first sync: what is listed so far, every few seconds, and once when all is there. */

import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReadinessAnswer } from './readiness.ts'

export interface SyncProgressOptions {
  readonly log: Log
  readonly store: Store
  readonly readiness: () => ReadinessAnswer
  readonly monotonicMs: () => number
}

/** Returns what is to be called every few seconds; it falls silent once all is there. */
export function createSyncProgress({ log, store, readiness, monotonicMs }: SyncProgressOptions): () => void {
  const startedMs = monotonicMs()
  let isDone = false
  return () => {
    if (isDone) return
    const { ready, lines } = readiness()
    const [summary, ...waiting] = lines
    const fields = { ...totals(store), seconds: Math.round((monotonicMs() - startedMs) / 100) / 10 }
    isDone = ready
    if (!ready) log.info({ ...fields, waiting }, `syncing: ${summary}`)
    else if (waiting.length === 0) log.info(fields, 'every selected resource is synced')
    else log.warn({ ...fields, missing: waiting }, 'synced but for resources that cannot be read')
  }
}

function totals(store: Store): { objects: number; series: number } {
  let objects = 0
  let series = 0
  for (const { id } of store.registry.layouts) {
    objects += store.objects(id)
    series += store.series(id)
  }
  return { objects, series }
}
