/** All families of a ConfigMap are read from its metadata. */

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
    annotations('kube_configmap_annotations', 'ConfigMap'),
    labels('kube_configmap_labels', 'ConfigMap'),
    info({ name: 'kube_configmap_info', help: '1 for each ConfigMap.', stability: 'stable', labels: {} }),
    created('kube_configmap_created', 'ConfigMap'),
    resourceVersion('kube_configmap_metadata_resource_version', 'ConfigMap'),
  ],
})
