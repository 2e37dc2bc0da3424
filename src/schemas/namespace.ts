import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, message, schema, string } from './schema.ts'

const NamespaceStatus = schema({
  phase: string(1),
  conditions: list(message(2, schema({ type: string(1), status: string(2) }))),
})

export const Namespace = schema({
  metadata: message(1, ObjectMeta),
  status: message(3, NamespaceStatus),
})
export type Namespace = ObjectOf<typeof Namespace>
