import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, pointer, schema, string } from './schema.ts'

export const StorageClass = schema({
  metadata: message(1, ObjectMeta),
  provisioner: string(2),
  reclaimPolicy: pointer(string(4)),
  volumeBindingMode: pointer(string(7)),
})
export type StorageClass = ObjectOf<typeof StorageClass>
