import { MutatingAdmissionPolicy } from '../../schemas/admission-policy.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, policyLabels } from './admission-resource.ts'

const { info, created } = familiesOf<MutatingAdmissionPolicy>()

export const mutatingadmissionpolicies = resource<MutatingAdmissionPolicy>({
  ...admissionResource,
  plural: 'mutatingadmissionpolicies',
  kind: 'MutatingAdmissionPolicy',
  schema: MutatingAdmissionPolicy,
  identity: admissionIdentity('mutatingadmissionpolicy'),
  families: [
    info({
      name: 'kube_mutatingadmissionpolicy_info',
      help: 'Parameter kind, failure policy and reinvocation policy of the MutatingAdmissionPolicy, as labels; always 1.',
      stability: 'alpha',
      labels: { ...policyLabels, reinvocation_policy: ({ spec }) => spec.reinvocationPolicy },
    }),
    created('kube_mutatingadmissionpolicy_created', 'MutatingAdmissionPolicy', 'alpha'),
  ],
})
