/** Owns the families of validating admission policies. */

import { ValidatingAdmissionPolicy } from '../../schemas/admission-policy.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, policyLabels } from './admission.ts'

const { info, created } = familiesOf<ValidatingAdmissionPolicy>()

export const validatingadmissionpolicies = resource<ValidatingAdmissionPolicy>({
  ...admissionResource,
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  schema: ValidatingAdmissionPolicy,
  identity: admissionIdentity('validatingadmissionpolicy'),
  families: [
    info({
      name: 'kube_validatingadmissionpolicy_info',
      help: 'The parameters that the validating policy takes, and how it fails; always 1.',
      stability: 'alpha',
      labels: policyLabels,
    }),
    created('kube_validatingadmissionpolicy_created', 'validating admission policy', 'alpha'),
  ],
})
