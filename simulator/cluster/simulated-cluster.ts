/**
 * Owns a cluster that lives on a simulated API server: made from a seed, then changed step by step. The same seed, size
 * and clock give the same objects and the same history.
 */

import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { happen } from './churn.ts'
import type { ClusterState, Objects } from './cluster-state.ts'
import { createRandom } from './random.ts'
import { seedCluster } from './seeding.ts'

export interface ClusterOptions {
  readonly seed: number
  /** 30 at least; about so many live later on as well. */
  readonly pods: number
  /** Steps per second of `run`. */
  readonly churnPerSecond: number
  /** In milliseconds since 1970. */
  readonly now?: () => number
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

export interface Cluster {
  /** One change: what is due of earlier ones, or something new. It may touch several objects. */
  step(): void
  /** Steps until the signal aborts; then it resolves. */
  run(signal: AbortSignal): Promise<void>
  /** How many steps have been taken. */
  readonly steps: number
}

/** Fills the server's objects, which must be empty. Throws for fewer than 30 pods. */
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
    else happen(cluster)
  }

  return {
    step,
    get steps() {
      return steps
    },
    async run(signal) {
      const turnMs = Math.max(shortestTurnMs, 1000 / churnPerSecond)
      for (let owed = 0; !signal.aborted; await sleep(turnMs, signal).catch(() => {})) {
        for (owed += (churnPerSecond * turnMs) / 1000; owed >= 1; owed--) step()
      }
    },
  }
}

const shortestTurnMs = 50

function sleepFor(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return setTimeoutPromise(milliseconds, undefined, { signal })
}
