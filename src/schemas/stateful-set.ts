import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, message, pointer, schema, string } from './schema.ts'

const RetentionPolicy = schema({ whenDeleted: string(1), whenScaled: string(2) })

const StatefulSetSpec = schema({
  replicas: pointer(int(1)),
  persistentVolumeClaimRetentionPolicy: pointer(message(10, RetentionPolicy)),
  ordinals: pointer(message(11, schema({ start: int(1) }))),
})

const StatefulSetStatus = schema({
  observedGeneration: int(1),
  replicas: int(2),
  readyReplicas: int(3),
  currentReplicas: int(4),
  updatedReplicas: int(5),
  currentRevision: string(6),
  updateRevision: string(7),
  availableReplicas: int(11),
})

export const StatefulSet = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, StatefulSetSpec),
  status: message(3, StatefulSetStatus),
})
export type StatefulSet = ObjectOf<typeof StatefulSet>
