import { nameOf } from '../identity.ts'
import { roleResource } from './role-resource.ts'

export const clusterroles = roleResource({
  plural: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
  identity: { clusterrole: nameOf },
  subject: 'ClusterRole',
  names: {
    annotations: 'kube_clusterrole_annotations',
    labels: 'kube_clusterrole_labels',
    info: 'kube_clusterrole_info',
    created: 'kube_clusterrole_created',
    resourceVersion: 'kube_clusterrole_metadata_resource_version',
  },
})
