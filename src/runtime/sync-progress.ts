/** The log of the initial sync: a summary every few seconds while it lasts, and one line as soon as it is complete. */

import type { Readiness } from '../server/telemetry-server.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'

export interface SyncProgressOptions {
  readonly log: Log
  readonly store: Store
  readonly readiness: () => Readiness
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
}

export interface SyncProgress {
  /** Something may be complete now. Looks once per turn of the event loop, however often it is called. */
  changed(): void
  stop(): void
}

const summaryEveryMs = 5000
/** Lines of resources in one summary. */
const maxLines = 10

/** Ends when the sync is complete. */
export function startSyncProgress({ log, store, readiness, now }: SyncProgressOptions): SyncProgress {
  const startedMs = now()
  const timer = setInterval(() => report(true), summaryEveryMs)
  let isScheduled = false
  let isDone = false

  function report(isSummaryDue: boolean): void {
    if (isDone) return
    const { ready, lines } = readiness()
    const [summary = '', ...rest] = lines
    const missing = rest.length > maxLines ? [...rest.slice(0, maxLines), `and ${rest.length - maxLines} more`] : rest
    const fields = { ...totals(store), seconds: Math.round((now() - startedMs) / 100) / 10 }
    if (ready) stop()
    if (!ready && isSummaryDue) log.info({ ...fields, missing }, `syncing: ${summary}`)
    else if (ready && missing.length === 0)
      log.info(fields, 'ready: the initial lists of all selected resources are complete')
    else if (ready) log.warn({ ...fields, missing }, 'ready, but some selected resources cannot be read')
  }

  function stop(): void {
    isDone = true
    clearInterval(timer)
  }

  return {
    changed() {
      if (isScheduled || isDone) return
      isScheduled = true
      setImmediate(() => {
        isScheduled = false
        report(false)
      })
    },
    stop,
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
