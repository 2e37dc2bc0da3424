/** The pod and the Leases of shards, by their names. */

import type { Values } from './schema.ts'

/** A pod by the parts of its name. */
export interface StatefulSetPod {
  /** Undefined means that of the service account. */
  readonly namespace: string | undefined
  readonly statefulSet: string
  readonly ordinal: number
}

/** Undefined when shards do not follow a StatefulSet. */
export function podOf({ pod, ...values }: Values): StatefulSetPod | undefined {
  if (pod === undefined) return undefined
  const namespace = values.pod_namespace ?? values['leader_election.namespace']
  const dash = pod.lastIndexOf('-')
  return { namespace, statefulSet: pod.slice(0, dash), ordinal: Number(pod.slice(dash + 1)) }
}

/** Whoever pushes other series competes for another Lease. */
export function leaseNameOf(values: Values): string {
  const ordinal = ordinalOf(values)
  return ordinal === undefined ? leasePrefixOf(values) : leaseOfShard(leasePrefixOf(values), ordinal)
}

/** The ordinal in the name of our Lease; undefined without shards. */
export function ordinalOf(values: Values): number | undefined {
  return podOf(values)?.ordinal ?? (values.total_shards > 1 ? values.shard : undefined)
}

/** What the names of the Leases of all shards begin with. */
export function leasePrefixOf(values: Values): string {
  return [values['leader_election.lease_name'], values.node ?? []].flat().join('-')
}

/** The Lease of a shard; in a StatefulSet of a pod, by its ordinal. */
export function leaseOfShard(prefix: string, ordinal: number): string {
  return `${prefix}-shard-${ordinal}`
}
