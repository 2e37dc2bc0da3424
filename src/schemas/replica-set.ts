import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, message, pointer, schema } from './schema.ts'

const ReplicaSetStatus = schema({
  replicas: int(1),
  fullyLabeledReplicas: int(2),
  observedGeneration: int(3),
  readyReplicas: int(4),
  terminatingReplicas: pointer(int(7)),
})

export const ReplicaSet = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ replicas: pointer(int(1)) })),
  status: message(3, ReplicaSetStatus),
})
export type ReplicaSet = ObjectOf<typeof ReplicaSet>
