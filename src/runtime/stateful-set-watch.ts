/** Follows the StatefulSet of this pod: its number of replicas is the number of shards. */

import type { StatefulSetPod } from '../config/shard-names.ts'
import type { Reflector } from '../kubernetes/reflector/reflector.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type { ReflectorContext, ReflectorOptions } from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import { StatefulSet } from '../schemas/stateful-set.ts'

/** The shard of a pod, and how many there are. */
export interface ShardOfPod {
  readonly shard: number
  readonly totalShards: number
  /** That of shard 0. */
  readonly firstOrdinal: number
}

export interface StatefulSetWatchOptions {
  readonly pod: StatefulSetPod & { readonly namespace: string }
  readonly context: ReflectorContext
  readonly reflector: ReflectorOptions
  /** Called when the StatefulSet is read for the first time, and whenever its shards may have changed. */
  readonly onShard: (shard: ShardOfPod) => void
}

const target = {
  plural: 'statefulsets',
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  form: 'object',
  schema: StatefulSet,
} as const

/** Needs the rights to list and watch this StatefulSet. One that is deleted keeps its number of shards. */
export function createStatefulSetWatch(options: StatefulSetWatchOptions): Pick<Reflector, 'run' | 'status'> {
  const { pod, context, onShard } = options
  const { namespace, statefulSet: name } = pod
  const reflectorOptions = { ...options.reflector, objectLimit: 0, useCache: false }
  let isFound = false
  return createReflector<StatefulSet>({
    context,
    target,
    scope: { namespace, fieldSelector: `metadata.name=${name}` },
    options: reflectorOptions,
    form: createWireForm(target, reflectorOptions),
    handlers: {
      listBegan() {
        isFound = false
      },
      upserted(found) {
        isFound = true
        context.gate.recovered(fault, `the StatefulSet ${namespace}/${name} exists`)
        onShard(shardOf(pod, found))
      },
      deleted() {},
      listEnded() {
        if (isFound) return
        const message =
          'the StatefulSet of this pod does not exist, so its shard is unknown; check pod and pod_namespace'
        context.gate.warn(fault, { statefulSet: `${namespace}/${name}` }, message)
      },
    },
  })
}

const fault = 'autosharding'

/** One replica by default. Ordinals may start above 0; a pod below the first one has no objects, like one above the last. */
function shardOf({ ordinal }: StatefulSetPod, { spec }: StatefulSet): ShardOfPod {
  const totalShards = spec.replicas ?? 1
  const firstOrdinal = spec.ordinals?.start ?? 0
  const shard = ordinal - firstOrdinal
  return { shard: shard < 0 ? Math.max(1, totalShards) : shard, totalShards, firstOrdinal }
}
