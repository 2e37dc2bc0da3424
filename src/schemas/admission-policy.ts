/** Mutating and validating admission policies. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, pointer, schema, string } from './schema.ts'

const ParamKind = schema({ apiVersion: string(1), kind: string(2) })

export const MutatingAdmissionPolicy = schema({
  metadata: message(1, ObjectMeta),
  spec: message(
    2,
    schema({
      paramKind: pointer(message(1, ParamKind)),
      failurePolicy: pointer(string(5)),
      reinvocationPolicy: string(7),
    }),
  ),
})
export type MutatingAdmissionPolicy = ObjectOf<typeof MutatingAdmissionPolicy>

export const ValidatingAdmissionPolicy = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ paramKind: pointer(message(1, ParamKind)), failurePolicy: pointer(string(4)) })),
})
export type ValidatingAdmissionPolicy = ObjectOf<typeof ValidatingAdmissionPolicy>
