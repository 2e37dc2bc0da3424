import { nameOf, namespaceOf } from '../identity.ts'
import { roleBindingResource } from './role-binding-resource.ts'

export const rolebindings = roleBindingResource({
  plural: 'rolebindings',
  kind: 'RoleBinding',
  namespaced: true,
  identity: { namespace: namespaceOf, rolebinding: nameOf },
  subject: 'RoleBinding',
  names: {
    annotations: 'kube_rolebinding_annotations',
    labels: 'kube_rolebinding_labels',
    info: 'kube_rolebinding_info',
    created: 'kube_rolebinding_created',
    resourceVersion: 'kube_rolebinding_metadata_resource_version',
  },
})
