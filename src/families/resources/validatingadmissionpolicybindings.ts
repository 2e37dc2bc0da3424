import { ValidatingAdmissionPolicyBinding } from '../../schemas/admission-policy-binding.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { admissionIdentity, admissionResource, bindingLabels } from './admission-resource.ts'

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
      help: 'Policy and parameters of the ValidatingAdmissionPolicyBinding, as labels; always 1.',
      stability: 'alpha',
      labels: bindingLabels,
    }),
    created('kube_validatingadmissionpolicybinding_created', 'ValidatingAdmissionPolicyBinding', 'alpha'),
    infoOfEach({
      name: 'kube_validatingadmissionpolicybinding_validation_action',
      help: 'Actions on failed validations, as labels; always 1.',
      stability: 'alpha',
      each: ({ spec }) => spec.validationActions,
      labels: { action: (action) => action },
    }),
  ],
})
