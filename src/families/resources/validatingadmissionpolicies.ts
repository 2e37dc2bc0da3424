import { ValidatingAdmissionPolicy } from '../../schemas/admission-policy.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, policyLabels } from './admission-resource.ts'

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
      help: 'Parameter kind and failure policy of the ValidatingAdmissionPolicy, as labels; always 1.',
      stability: 'alpha',
      labels: policyLabels,
    }),
    created('kube_validatingadmissionpolicy_created', 'ValidatingAdmissionPolicy', 'alpha'),
  ],
})
