/** RoleBindings and ClusterRoleBindings, which have the same encoding. Their subjects are not read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema, string } from './schema.ts'

export const RoleBinding = schema({
  metadata: message(1, ObjectMeta),
  roleRef: message(3, schema({ kind: string(2), name: string(3) })),
})
export type RoleBinding = ObjectOf<typeof RoleBinding>
