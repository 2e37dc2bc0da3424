/**
 * What a fault scenario runs on: namespaces of its own in the shared cluster, receivers, processes of the product, and the
 * comparison of their pages, the Collector, Prometheus and a fresh LIST.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Size } from '../churn.ts'
import { churn, namespaceOf, populate } from '../churn.ts'
import type { KubeClient } from '../kube-client.ts'
import { createKubeClient } from '../kube-client.ts'
import { waitFor } from '../peers.ts'
import type { ClusterFacts } from '../real-cluster.ts'
import type { Receivers } from '../receivers.ts'
import { startReceivers } from '../receivers.ts'
import type { Difference } from '../series.ts'
import { abridge, compareSeries, isEqual } from '../series.ts'
import { listed, renderFreshList } from './fresh-list.ts'
import type { Replica, ReplicaOptions } from './replica.ts'
import { startReplica } from './replica.ts'
import { untilSettled } from './settled.ts'

/** What was compared at the end of a scenario. */
export interface Compared {
  /** Series of the fresh LIST. */
  readonly series: number
  /** Series that a place lacked, had in addition, or with another value, in the last comparison. */
  readonly differing: number
  readonly refused: number
}

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

const settleMs = 180_000
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

  const compareOnce = async (compared: readonly Replica[]) => {
    const atPrometheus = await receivers.prometheusSeries()
    const places: [string, Map<string, number>][] = [['Collector', await receivers.collectorSeries()]]
    for (const replica of compared) places.push([replica.name, await replica.series()])
    const early = differencesOf(atPrometheus, places)
    if (early.length > 0) return { differences: early, expected: undefined }
    const expected = await renderFreshList(client, namespaces, join(folder, 'list'), selection)
    return { differences: differencesOf(expected, [...places, ['Prometheus', atPrometheus]]), expected }
  }
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
      let last: readonly (readonly [string, Difference])[] = []
      const series = await waitFor(
        `equal series (${when})`,
        async () => {
          const { differences, expected } = await compareOnce(compared)
          last = differences
          return differences.length === 0 ? expected : undefined
        },
        waitMs,
      ).catch((error: unknown) => {
        const lines = last.map(([place, difference]) => `${place}: ${JSON.stringify(abridge(difference))}`)
        return expect.fail(`${error}\n${lines.join('\n')}\n${compared.map(({ peer }) => peer.log().slice(-3000))}`)
      })
      expect(series.size).toBeGreaterThan(100)
      return {
        series: series.size,
        differing: last.reduce((sum, [, difference]) => sum + countOf(difference), 0),
        refused: await receivers.refusedSamples(),
      }
    },
    async stop() {
      for (const replica of replicas) await replica.close()
      await receivers.stop()
      for (const namespace of namespaces) await client.delete(`/api/v1/namespaces/${namespace}`)
      client.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const countOf = ({ missing, extra, values }: Difference) => missing.length + extra.length + values.length

function differencesOf(expected: Map<string, number>, places: readonly (readonly [string, Map<string, number>])[]) {
  return places
    .map(([place, found]) => [place, compareSeries(expected, found)] as const)
    .filter(([, difference]) => !isEqual(difference))
}
