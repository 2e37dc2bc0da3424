/** The quota is read from the status (enforced), not from the spec (requested). */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { map, message, quantity, schema } from './schema.ts'

export const ResourceQuota = schema({
  metadata: message(1, ObjectMeta),
  status: message(3, schema({ hard: map(quantity(1)), used: map(quantity(2)) })),
})
export type ResourceQuota = ObjectOf<typeof ResourceQuota>
