import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, microTime, pointer, schema, string } from './schema.ts'

export const Lease = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ holderIdentity: pointer(string(1)), renewTime: pointer(microTime(4)) })),
})
export type Lease = ObjectOf<typeof Lease>
