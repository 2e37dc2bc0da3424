import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema, string } from './schema.ts'

export const IngressClass = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ controller: string(1) })),
})
export type IngressClass = ObjectOf<typeof IngressClass>
