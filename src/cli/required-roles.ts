/** The roles that a configuration needs, for the commands that print or check them. */

import type { Config } from '../config/config.ts'
import type { CustomKind } from '../inspect/custom-kinds.ts'
import type { RbacObject } from '../inspect/rbac.ts'
import { createRbac } from '../inspect/rbac.ts'

export interface RequiredRoles {
  readonly config: Config
  /** The name of the roles. */
  readonly name: string
  /** The service account that they are bound to. */
  readonly account: { readonly namespace: string; readonly name: string }
  readonly customKinds: readonly CustomKind[]
}

export function requiredRoles({ config, name, account, customKinds }: RequiredRoles): readonly RbacObject[] {
  const { selection, otlp, server, customResources } = config
  return createRbac({
    selection,
    name,
    account,
    customKinds,
    customResourcesOnly: customResources.only,
    ruleSources: customResources,
    readsClusterId: otlp.instanceId === undefined,
    reviewsAccess: server.authFilter,
    leases: leasesOf(config, account.namespace),
  })
}

/** One for each shard, whichever of them asks. */
function leasesOf({ leaderElection, selection }: Config, namespace: string) {
  if (!leaderElection.enabled) return undefined
  const { leaseName } = leaderElection
  const shards = Array.from({ length: selection.totalShards }, (_, shard) => shard)
  const names =
    selection.totalShards > 1 ? shards.map((shard) => leaseName.replace(/\d+$/, String(shard))) : [leaseName]
  return { namespace: leaderElection.namespace ?? namespace, names }
}
