import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, int, intOrString, list, message, pointer, schema, string } from './schema.ts'

const RollingUpdate = schema({
  maxUnavailable: pointer(intOrString(1)),
  maxSurge: pointer(intOrString(2)),
})

const DeploymentSpec = schema({
  replicas: pointer(int(1)),
  strategy: message(4, schema({ rollingUpdate: pointer(message(2, RollingUpdate)) })),
  paused: bool(7),
})

const DeploymentStatus = schema({
  observedGeneration: int(1),
  replicas: int(2),
  updatedReplicas: int(3),
  availableReplicas: int(4),
  unavailableReplicas: int(5),
  conditions: list(message(6, schema({ type: string(1), status: string(2), reason: string(4) }))),
  readyReplicas: int(7),
  terminatingReplicas: pointer(int(9)),
})

export const Deployment = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, DeploymentSpec),
  status: message(3, DeploymentStatus),
})
export type Deployment = ObjectOf<typeof Deployment>
