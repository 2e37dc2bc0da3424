import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, map, message, quantity, schema, string } from './schema.ts'

const LimitRangeItem = schema({
  type: string(1),
  max: map(quantity(2)),
  min: map(quantity(3)),
  default: map(quantity(4)),
  defaultRequest: map(quantity(5)),
  maxLimitRequestRatio: map(quantity(6)),
})

export const LimitRange = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ limits: list(message(1, LimitRangeItem)) })),
})
export type LimitRange = ObjectOf<typeof LimitRange>
