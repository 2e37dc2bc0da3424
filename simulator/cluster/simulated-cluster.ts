/**
 * A cluster on a simulated API server that is created from a seed and then changed step by step. The same seed, size and
 * clock give the same objects and the same history.
 */

import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { ClusterState, Objects } from './cluster-state.ts'
import { createRandom } from './random.ts'
import { applyRandomChange } from './random-changes.ts'
import { seedCluster } from './seeding.ts'

export interface ClusterOptions {
  readonly seed: number
  /** At least 30. The number stays about the same over time. */
  readonly pods: number
  /** Steps per second of `run`. */
  readonly churnPerSecond: number
  /** In milliseconds since 1970. */
  readonly now?: () => number
  /** Resolves after the given number of milliseconds, or rejects when the signal aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

export interface Cluster {
  /** One change: an action scheduled by an earlier change, or a new random change. It may affect several objects. */
  step(): void
  /** Runs steps until the signal aborts, then resolves. */
  run(signal: AbortSignal): Promise<void>
  /** The number of steps so far. */
  readonly steps: number
}

/** Creates the cluster in an empty object store. Throws for fewer than 30 pods. */
export function createCluster(api: { readonly objects: Objects }, options: ClusterOptions): Cluster {
  const { seed, pods, churnPerSecond, now = Date.now, sleep = sleepFor } = options
  let steps = 0
  const due: { readonly step: number; readonly action: () => void }[] = []
  const cluster: ClusterState = {
    objects: api.objects,
    random: createRandom(seed),
    nowMs: now,
    nodes: [],
    namespaces: [],
    workloads: [],
    later: (after, action) => void due.push({ step: steps + after, action }),
  }
  seedCluster(cluster, pods)

  const step = (): void => {
    steps++
    const index = due.findIndex((it) => it.step <= steps)
    const [first] = index < 0 ? [] : due.splice(index, 1)
    if (first) first.action()
    else applyRandomChange(cluster)
  }

  return {
    step,
    get steps() {
      return steps
    },
    async run(signal) {
      const intervalMs = Math.max(minIntervalMs, 1000 / churnPerSecond)
      for (let pending = 0; !signal.aborted; await sleep(intervalMs, signal).catch(() => {})) {
        for (pending += (churnPerSecond * intervalMs) / 1000; pending >= 1; pending--) step()
      }
    },
  }
}

const minIntervalMs = 50

function sleepFor(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return setTimeoutPromise(milliseconds, undefined, { signal })
}
