import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, list, message, pointer, schema, string } from './schema.ts'

export const ServiceAccount = schema({
  metadata: message(1, ObjectMeta),
  secrets: list(message(2, schema({ name: string(3) }))),
  imagePullSecrets: list(message(3, schema({ name: string(1) }))),
  automountServiceAccountToken: pointer(bool(4)),
})
export type ServiceAccount = ObjectOf<typeof ServiceAccount>
