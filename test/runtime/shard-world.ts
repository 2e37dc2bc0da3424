/** A cluster with config maps, a StatefulSet of shards, one receiver, and what each shard sent to it. */
import type { ApiServerOptions } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { DecodedResource } from '../../simulator/otlp/metrics-decoder.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { launchProgram, readPage, startWorld, until } from './world.ts'

/** A point of `kube_configmap_info` as a shard sent it. */
export interface SentPoint {
  readonly shard: string
  readonly name: string
  readonly timeMs: number
  readonly isStale: boolean
}

const set = { namespace: 'monitoring', name: 'ksm' }
const metric = 'kube_configmap_info'

export async function startShardWorld(options: Partial<ApiServerOptions> = {}) {
  const sent: SentPoint[] = []
  const world = await startWorld(builtInKinds, options, {
    faults({ headers, decoded }) {
      const points = (decoded as DecodedResource[])
        .flatMap(({ scopes }) => scopes.flatMap(({ metrics }) => metrics))
        .flatMap((one) => (one.name === metric ? one.points : []))
      for (const { attributes, timeUnixNano, noRecordedValue } of points) {
        const name = String(attributes.find(([key]) => key === 'configmap')?.[1])
        const timeMs = Number(timeUnixNano / 1_000_000n)
        sent.push({ shard: headers['x-shard'] ?? '', name, timeMs, isStale: noRecordedValue })
      }
      return {}
    },
  })
  const { api, receiver } = world
  const names = (text: Iterable<string>) =>
    [...text].flatMap((line) => /^kube_configmap_info\{.*configmap="([^"]+)"/.exec(line)?.[1] ?? []).sort()

  return {
    ...{ world, sent },
    scale(replicas: number, firstOrdinal = 0) {
      const object = { metadata: set, spec: { replicas, ordinals: { start: firstOrdinal } } }
      if (api.objects.get('statefulsets', set) === undefined) api.objects.create('statefulsets', object)
      else api.objects.update('statefulsets', object)
    },
    add: (name: string) => api.objects.create('configmaps', { metadata: { name, namespace: 'a' } }),
    remove: (name: string) => api.objects.delete('configmaps', { name, namespace: 'a' }),
    /** The config maps that the receiver has live series of. */
    live: () => names(receiver.liveSet.live().keys()),
    lease: (ordinal: number) => api.objects.get('leases', { ...set, name: `kube-state-otlp-shard-${ordinal}` }),
    /** Writes the Lease of a shard that has no process. */
    async writeLease(ordinal: number, holderIdentity: string, split: string, annotations: object = {}) {
      const metadata = {
        ...{ namespace: set.namespace, name: `kube-state-otlp-shard-${ordinal}` },
        annotations: { 'kube-state-otlp/shard-split': split, written: String(performance.now()), ...annotations },
      }
      const lease = { metadata, spec: { holderIdentity, leaseDurationSeconds: 2 } }
      if (api.objects.get('leases', metadata) === undefined) api.objects.create('leases', lease)
      else api.objects.update('leases', lease)
    },
    /** Starts the pod with this ordinal of the StatefulSet. */
    async startPod(ordinal: number, settings: object = {}) {
      const records: Record<string, unknown>[] = []
      const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
      const { kubernetes = {}, leader_election = {} } = settings as Record<string, object>
      const program = await launchProgram(
        world,
        {
          resources: { configmaps: {} },
          pod: `${set.name}-${ordinal}`,
          namespace: set.namespace,
          push: { flush_interval: '50ms' },
          otlp: {
            endpoint: `http://${receiver.grpcAddress}`,
            instance_id: 'test',
            headers: { 'x-shard': String(ordinal) },
          },
          kubernetes,
          leader_election: {
            enabled: true,
            identity: `${set.name}-${ordinal}`,
            namespace: set.namespace,
            lease_duration: '3s',
            renew_deadline: '2s',
            retry_period: '200ms',
            ...leader_election,
          },
        },
        { log: createLog({ level: 'info', format: 'json', destination }) },
      )
      const ask = async (path: string) =>
        (await fetch(`http://127.0.0.1:${program.addresses?.telemetryAddress.port}${path}`)).text()
      const page = async () => names((await readPage(program)).split('\n'))
      const settled = () => until(async () => program.readiness().ready && !(await ask('/readyz')).includes('shards:'))
      return { ...program, records, ask, page, settled }
    },
  }
}

export type ShardWorld = Awaited<ReturnType<typeof startShardWorld>>

/** The shards that sent points of a config map, in the order in which they did, repetitions left out. */
export function writersOf(sent: readonly SentPoint[], configMap: string): string[] {
  const shards = sent.filter((point) => point.name === configMap).map(({ shard }) => shard)
  return shards.filter((shard, i) => shard !== shards[i - 1])
}
