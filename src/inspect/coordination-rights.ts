/** What of a configuration needs rights in its own namespace: the Leases, and the StatefulSet whose replicas are the shards. */

import type { Config } from '../config/config.ts'
import { leaseOfShard } from '../config/shard-names.ts'
import type { RbacOptions } from './rbac.ts'

/** `accountNamespace` is that of the service account. */
export function coordinationRights(
  { leaderElection, selection }: Config,
  accountNamespace: string,
): Pick<RbacOptions, 'leases' | 'statefulSet'> {
  const { pod, totalShards } = selection
  const { leaseName, shardLeasePrefix: prefix } = leaderElection
  const ofShards = (of: string) => Array.from({ length: totalShards }, (_, shard) => leaseOfShard(of, shard))
  // How many shards a StatefulSet will have is not known.
  const names = pod === undefined ? (prefix === undefined ? [leaseName] : ofShards(prefix)) : undefined
  const namespace = leaderElection.namespace ?? accountNamespace
  return {
    leases: leaderElection.enabled ? { namespace, names } : undefined,
    statefulSet: pod && { namespace: pod.namespace ?? accountNamespace, name: pod.statefulSet },
  }
}
