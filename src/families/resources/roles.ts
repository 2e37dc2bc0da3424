import { nameOf, namespaceOf } from '../identity.ts'
import { roleResource } from './role-resource.ts'

export const roles = roleResource({
  plural: 'roles',
  kind: 'Role',
  namespaced: true,
  identity: { namespace: namespaceOf, role: nameOf },
  subject: 'role',
  names: {
    annotations: 'kube_role_annotations',
    labels: 'kube_role_labels',
    info: 'kube_role_info',
    created: 'kube_role_created',
    resourceVersion: 'kube_role_metadata_resource_version',
  },
})
