/** Owns the resource quota as families read it: the quota in force, not the one asked for. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { map, message, quantity, schema } from './schema.ts'

export const ResourceQuota = schema({
  metadata: message(1, ObjectMeta),
  status: message(3, schema({ hard: map(quantity(1)), used: map(quantity(2)) })),
})
export type ResourceQuota = ObjectOf<typeof ResourceQuota>
