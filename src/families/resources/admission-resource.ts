/** What admission policies and their bindings share: scope, identity and labels. */

import type { MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '../../schemas/admission-policy.ts'
import type { MutatingAdmissionPolicyBinding } from '../../schemas/admission-policy-binding.ts'
import { nameOf, namespaceOf } from '../identity.ts'

/** The declarations that all resources of the admission API share. The namespace label is normally empty. */
export const admissionResource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  namespaced: false,
  enabledByDefault: true,
} as const

/** The identity of a resource of the admission API. */
export const admissionIdentity = <L extends string>(label: L) => ({ namespace: namespaceOf, [label]: nameOf })

type Policy = MutatingAdmissionPolicy | ValidatingAdmissionPolicy

/** The labels for the parameter kind and the failure policy. */
export const policyLabels = {
  param_api_version: ({ spec }: Policy) => spec.paramKind?.apiVersion ?? '',
  param_kind: ({ spec }: Policy) => spec.paramKind?.kind ?? '',
  failure_policy: ({ spec }: Policy) => spec.failurePolicy ?? '',
}

/** The labels for the bound policy and its parameters. */
export const bindingLabels = {
  policy_name: ({ spec }: MutatingAdmissionPolicyBinding) => spec.policyName,
  param_name: ({ spec }: MutatingAdmissionPolicyBinding) => spec.paramRef?.name ?? '',
  param_namespace: ({ spec }: MutatingAdmissionPolicyBinding) => spec.paramRef?.namespace ?? '',
  param_not_found_action: ({ spec }: MutatingAdmissionPolicyBinding) => spec.paramRef?.parameterNotFoundAction ?? '',
}
