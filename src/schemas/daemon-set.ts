import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, message, schema } from './schema.ts'

const DaemonSetStatus = schema({
  currentNumberScheduled: int(1),
  numberMisscheduled: int(2),
  desiredNumberScheduled: int(3),
  numberReady: int(4),
  observedGeneration: int(5),
  updatedNumberScheduled: int(6),
  numberAvailable: int(7),
  numberUnavailable: int(8),
})

export const DaemonSet = schema({
  metadata: message(1, ObjectMeta),
  status: message(3, DaemonSetStatus),
})
export type DaemonSet = ObjectOf<typeof DaemonSet>
