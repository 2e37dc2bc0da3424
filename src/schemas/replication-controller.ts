import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, message, pointer, schema } from './schema.ts'

const ReplicationControllerStatus = schema({
  replicas: int(1),
  fullyLabeledReplicas: int(2),
  observedGeneration: int(3),
  readyReplicas: int(4),
  availableReplicas: int(5),
})

export const ReplicationController = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ replicas: pointer(int(1)) })),
  status: message(3, ReplicationControllerStatus),
})
export type ReplicationController = ObjectOf<typeof ReplicationController>
