/** Roles and ClusterRoles, which have the same encoding. Their rules are not read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema } from './schema.ts'

export const Role = schema({ metadata: message(1, ObjectMeta) })
export type Role = ObjectOf<typeof Role>
