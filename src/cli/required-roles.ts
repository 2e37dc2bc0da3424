/** The roles that a configuration needs, for the commands that print or check them. */

import type { Config } from '../config/config.ts'
import { coordinationRights } from '../inspect/coordination-rights.ts'
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
    ...coordinationRights(config, account.namespace),
  })
}
