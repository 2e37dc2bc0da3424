/** Only the number of rules is read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, message, schema } from './schema.ts'

const Rule = schema({})

export const NetworkPolicy = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ ingress: list(message(2, Rule)), egress: list(message(3, Rule)) })),
})
export type NetworkPolicy = ObjectOf<typeof NetworkPolicy>
