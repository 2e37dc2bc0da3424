/**
 * What a fault scenario runs on: namespaces of its own in the shared cluster, receivers, processes of the product, and the
 * comparison of their pages, the Collector, Prometheus and a fresh LIST.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Size } from '../churn.ts'
import { churn, namespaceOf, populate } from '../churn.ts'
import type { KubeClient } from '../kube-client.ts'
import { createKubeClient } from '../kube-client.ts'
import type { ClusterFacts } from '../real-cluster.ts'
import type { Receivers } from '../receivers.ts'
import { startReceivers } from '../receivers.ts'
import type { Compared } from './comparison.ts'
import { compareWithFreshList } from './comparison.ts'
import { listed } from './fresh-list.ts'
import type { Replica, ReplicaOptions } from './replica.ts'
import { startReplica } from './replica.ts'
import { untilSettled } from './settled.ts'

export interface FaultStack {
  readonly client: KubeClient
  readonly receivers: Receivers
  readonly namespaces: readonly string[]
  readonly folder: string
  /** Flags. */
  readonly selection: readonly string[]
  /** Starts a process with the flags of the selection and more. It is stopped with the stack. */
  start(name: string, flags?: readonly string[], more?: Partial<ReplicaOptions>): Promise<Replica>
  /** Seeded changes for so long; returns their number. */
  churnFor(ms: number, seed: number): Promise<number>
  /** Waits until the pages of these processes, the Collector and Prometheus have the series of a fresh LIST, once nothing changes. */
  compare(when: string, replicas: readonly Replica[], waitMs?: number): Promise<Compared>
  stop(): Promise<void>
}

export interface FaultStackOptions {
  readonly facts: ClusterFacts
  /** Part of the names of its namespaces and of its folder. */
  readonly name: string
  readonly size?: Partial<Size>
  /** Flags of the selection beside resources and namespaces. */
  readonly selection?: readonly string[]
}

/** The time in which every series is sent at least once; short, so that gaps and lookbacks are. */
export const refreshMs = 10_000

/** A scenario that waits for something else than a comparison fails, and the next one runs. */
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 600_000 })

/** Long enough for a busy machine. */
const settleMs = 300_000
const smallSize = { namespaces: 2, deploymentsPerNamespace: 6, replicas: 5, nodes: 4 }

export async function startFaultStack(options: FaultStackOptions): Promise<FaultStack> {
  const { facts, name } = options
  const folder = mkdtempSync(join(tmpdir(), `faults-${name}-`))
  const client = createKubeClient(facts)
  const size = { ...smallSize, ...options.size, prefix: `faults-${name}` }
  const namespaces = Array.from({ length: size.namespaces }, (_, i) => namespaceOf(size, i))
  const selection = [`--resources=${Object.keys(listed)}`, `--namespaces=${namespaces}`, ...(options.selection ?? [])]
  await populate(client, size)
  await untilSettled(client, namespaces)
  const receivers = await startReceivers(facts, join(folder, 'receivers'))
  const replicas: Replica[] = []

  const comparison = { client, namespaces, folder, selection, receivers }
  return {
    ...{ client, receivers, namespaces, folder, selection },
    async start(replicaName, flags = [], more = {}) {
      const all = [...selection, `--push-interval=${refreshMs}ms`, ...flags]
      const replica = await startReplica({ facts, folder, receivers, name: replicaName, flags: all, ...more })
      replicas.push(replica)
      return replica
    },
    async churnFor(ms, seed) {
      const counts = await churn(client, size, seed, 250, AbortSignal.timeout(ms))
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    async compare(when, compared, waitMs = settleMs) {
      await untilSettled(client, namespaces)
      const pages = compared.map((replica) => ({ ...replica, log: replica.peer.log }))
      const found = await compareWithFreshList(comparison, when, pages, waitMs)
      expect(found.series).toBeGreaterThan(100)
      return found
    },
    async stop() {
      const removed = namespaces.map((namespace) => client.delete(`/api/v1/namespaces/${namespace}`))
      const stopped = [...replicas.map((replica) => replica.close()), receivers.stop()]
      const results = await Promise.allSettled([...stopped, ...removed])
      client.close()
      rmSync(folder, { recursive: true, force: true })
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      if (failures.length > 0) throw new AggregateError(failures, `${name}: ${failures}`)
    },
  }
}
