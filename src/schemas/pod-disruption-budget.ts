import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, message, schema } from './schema.ts'

const PodDisruptionBudgetStatus = schema({
  observedGeneration: int(1),
  disruptionsAllowed: int(3),
  currentHealthy: int(4),
  desiredHealthy: int(5),
  expectedPods: int(6),
})

export const PodDisruptionBudget = schema({
  metadata: message(1, ObjectMeta),
  status: message(3, PodDisruptionBudgetStatus),
})
export type PodDisruptionBudget = ObjectOf<typeof PodDisruptionBudget>
