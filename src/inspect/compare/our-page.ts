/** The page of this program for the comparison, of manifests or of a cluster. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import { KubernetesConfigError } from '../../kubernetes/auth/cluster-access.ts'
import { createExposition } from '../../server/exposition.ts'
import type { Store } from '../../store/store.ts'
import type { Log } from '../../telemetry/log.ts'
import { createLog } from '../../telemetry/log.ts'
import type { RenderOptions } from '../render.ts'
import { render } from '../render.ts'
import { PageError } from './page-reader.ts'
import type { PageSource } from './page-source.ts'

/** The page that `render` prints for the manifests. */
export function manifestsPage(options: RenderOptions): PageSource {
  return { name: 'the rendered page', isLive: false, isOnce: false, open: async () => piecewise(render(options)) }
}

/** The options for reading a cluster. */
export interface WatchedCluster {
  readonly store: Store
  readiness(): { readonly ready: boolean; readonly lines: readonly string[] }
  stop(): Promise<void>
}

export interface ClusterPageOptions {
  readonly config: Config
  /** Starts watching with this configuration. Rejects with KubernetesConfigError. */
  readonly watch: (config: Config, log: Log) => Promise<WatchedCluster>
  /** The time limit for the initial lists. */
  readonly timeoutMs: number
  /** Called with the progress of the initial lists, and with resources that cannot be read. */
  readonly onProgress: (line: string) => void
  readonly signal: AbortSignal
}

/** The page of a watched cluster. */
export interface ClusterPage extends PageSource {
  close(): Promise<void>
}

const lookEveryMs = 50
const reportEveryMs = 5000
const sliceBytes = 1024 * 1024

/** Watches the cluster without serving or pushing; resolves once all lists are complete. Rejects with PageError. */
export async function clusterPage(options: ClusterPageOptions): Promise<ClusterPage> {
  const product = await startWatching(options)
  try {
    await waitForLists(product, options)
  } catch (error) {
    await product.stop()
    throw error
  }
  const openPage = createExposition(product.store, { sliceBytes })
  return {
    name: 'the page of the cluster',
    isLive: true,
    isOnce: false,
    open: async () => piecewise(openPage({ format: 'text', includes: () => true })),
    close: () => product.stop(),
  }
}

async function startWatching({ config, watch }: ClusterPageOptions): Promise<WatchedCluster> {
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
  { timeoutMs, onProgress, signal }: ClusterPageOptions,
): Promise<void> {
  const startedMs = performance.now()
  let reportedMs = startedMs
  for (let answer = readiness(); ; answer = readiness()) {
    const [summary = '', ...missing] = answer.lines
    if (answer.ready) {
      for (const line of missing) onProgress(`cannot be compared: ${line}`)
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

/** Yields to the event loop between slices, so that watches continue. */
async function* piecewise(slices: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const slice of slices) {
    yield slice
    await new Promise((resolve) => setImmediate(resolve))
  }
}
