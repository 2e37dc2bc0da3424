/** Owns the families of bindings of validating admission policies. */

import { ValidatingAdmissionPolicyBinding } from '../../schemas/admission-policy-binding.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, bindingLabels } from './admission.ts'

const { info, infoOfEach, created } = familiesOf<ValidatingAdmissionPolicyBinding>()

export const validatingadmissionpolicybindings = resource<ValidatingAdmissionPolicyBinding>({
  ...admissionResource,
  plural: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
  schema: ValidatingAdmissionPolicyBinding,
  identity: admissionIdentity('validatingadmissionpolicybinding'),
  families: [
    info({
      name: 'kube_validatingadmissionpolicybinding_info',
      help: 'The validating policy that is bound, and its parameters; always 1.',
      stability: 'alpha',
      labels: bindingLabels,
    }),
    created('kube_validatingadmissionpolicybinding_created', 'binding of a validating admission policy', 'alpha'),
    infoOfEach({
      name: 'kube_validatingadmissionpolicybinding_validation_action',
      help: 'Each action that a failed validation leads to; always 1.',
      stability: 'alpha',
      each: ({ spec }) => spec.validationActions,
      labels: { action: (action) => action },
    }),
  ],
})
