/** Owns the families of config maps, all of them about metadata. */

import { ConfigMap } from '../../schemas/config-map.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { annotations, labels, info, created, resourceVersion } = familiesOf<ConfigMap>()

export const configmaps = resource<ConfigMap>({
  plural: 'configmaps',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespaced: true,
  enabledByDefault: true,
  form: 'metadata',
  schema: ConfigMap,
  identity: { namespace: namespaceOf, configmap: nameOf },
  families: [
    annotations('kube_configmap_annotations', 'config map'),
    labels('kube_configmap_labels', 'config map'),
    info({ name: 'kube_configmap_info', help: 'The config map as such; always 1.', stability: 'stable', labels: {} }),
    created('kube_configmap_created', 'config map'),
    resourceVersion('kube_configmap_metadata_resource_version', 'config map'),
  ],
})
