/** The bindings of mutating and validating admission policies. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, message, pointer, schema, string } from './schema.ts'

const ParamRef = schema({
  name: string(1),
  namespace: string(2),
  parameterNotFoundAction: pointer(string(4)),
})

const policyReference = {
  policyName: string(1),
  paramRef: pointer(message(2, ParamRef)),
}

export const MutatingAdmissionPolicyBinding = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema(policyReference)),
})
export type MutatingAdmissionPolicyBinding = ObjectOf<typeof MutatingAdmissionPolicyBinding>

export const ValidatingAdmissionPolicyBinding = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ ...policyReference, validationActions: list(string(4)) })),
})
export type ValidatingAdmissionPolicyBinding = ObjectOf<typeof ValidatingAdmissionPolicyBinding>
