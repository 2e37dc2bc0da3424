import { MutatingAdmissionPolicyBinding } from '../../schemas/admission-policy-binding.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, bindingLabels } from './admission-resource.ts'

const { info, created } = familiesOf<MutatingAdmissionPolicyBinding>()

export const mutatingadmissionpolicybindings = resource<MutatingAdmissionPolicyBinding>({
  ...admissionResource,
  plural: 'mutatingadmissionpolicybindings',
  kind: 'MutatingAdmissionPolicyBinding',
  schema: MutatingAdmissionPolicyBinding,
  identity: admissionIdentity('mutatingadmissionpolicybinding'),
  families: [
    info({
      name: 'kube_mutatingadmissionpolicybinding_info',
      help: 'Policy and parameters of the MutatingAdmissionPolicyBinding, as labels; always 1.',
      stability: 'alpha',
      labels: bindingLabels,
    }),
    created('kube_mutatingadmissionpolicybinding_created', 'MutatingAdmissionPolicyBinding', 'alpha'),
  ],
})
