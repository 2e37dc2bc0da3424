import { nameOf } from '../identity.ts'
import { roleBindingResource } from './role-binding-resource.ts'

export const clusterrolebindings = roleBindingResource({
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
  identity: { clusterrolebinding: nameOf },
  subject: 'ClusterRoleBinding',
  names: {
    annotations: 'kube_clusterrolebinding_annotations',
    labels: 'kube_clusterrolebinding_labels',
    info: 'kube_clusterrolebinding_info',
    created: 'kube_clusterrolebinding_created',
    resourceVersion: 'kube_clusterrolebinding_metadata_resource_version',
  },
})
