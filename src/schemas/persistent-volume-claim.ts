import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, map, message, pointer, quantity, schema, string } from './schema.ts'

const PersistentVolumeClaimSpec = schema({
  accessModes: list(string(1)),
  resources: message(2, schema({ requests: map(quantity(2)) })),
  volumeName: string(3),
  storageClassName: pointer(string(5)),
  volumeMode: pointer(string(6)),
})

const PersistentVolumeClaimStatus = schema({
  phase: string(1),
  conditions: list(message(4, schema({ type: string(1), status: string(2) }))),
})

export const PersistentVolumeClaim = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, PersistentVolumeClaimSpec),
  status: message(3, PersistentVolumeClaimStatus),
})
export type PersistentVolumeClaim = ObjectOf<typeof PersistentVolumeClaim>
