/** Reads a cluster as the running program does, for commands that need its objects once. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { KubernetesConfigError } from '../kubernetes/auth/cluster-access.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { createLog } from '../telemetry/log.ts'
import { PageError } from './compare/page-reader.ts'

/** A cluster that is read without serving or pushing. */
export interface WatchedCluster {
  readonly store: Store
  readiness(): { readonly ready: boolean; readonly lines: readonly string[] }
  stop(): Promise<void>
}

export interface WatchOptions {
  readonly config: Config
  /** Starts watching with this configuration. Rejects with KubernetesConfigError. */
  readonly watch: (config: Config, log: Log) => Promise<WatchedCluster>
  /** The time limit for the initial lists. */
  readonly timeoutMs: number
  /** Called with the progress of the initial lists, and with resources that cannot be read, after `missing`. */
  readonly onProgress: (line: string) => void
  readonly missing: string
  readonly signal: AbortSignal
}

const lookEveryMs = 50
const reportEveryMs = 5000

/** Watches the cluster; resolves once all lists are complete. Rejects with PageError. */
export async function watchCluster(options: WatchOptions): Promise<WatchedCluster> {
  const cluster = await startWatching(options)
  try {
    await waitForLists(cluster, options)
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}

async function startWatching({ config, watch }: WatchOptions): Promise<WatchedCluster> {
  const { logLevel } = config.telemetry
  const log = createLog({ level: logLevel === 'info' ? 'warn' : logLevel, format: 'text' })
  try {
    return await watch({ ...config, destinations: [] }, log)
  } catch (error) {
    throw error instanceof KubernetesConfigError ? new PageError(error.message) : error
  }
}

async function waitForLists(
  { readiness }: WatchedCluster,
  { timeoutMs, onProgress, missing: missingText, signal }: WatchOptions,
): Promise<void> {
  const startedMs = performance.now()
  let reportedMs = startedMs
  for (let answer = readiness(); ; answer = readiness()) {
    const [summary = '', ...missing] = answer.lines
    if (answer.ready) {
      for (const line of missing) onProgress(`${missingText}: ${line}`)
      return
    }
    if (signal.aborted) throw new PageError('stopped before the cluster was read')
    const nowMs = performance.now()
    if (nowMs - startedMs > timeoutMs) {
      throw new PageError(`the cluster was not read in ${timeoutMs / 1000} s: ${summary}; ${missing.join(', ')}`)
    }
    if (nowMs - reportedMs > reportEveryMs) {
      onProgress(`reading the cluster: ${summary}`)
      reportedMs = nowMs
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}
