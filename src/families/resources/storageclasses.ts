import { StorageClass } from '../../schemas/storage-class.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { info, created, annotations, labels } = familiesOf<StorageClass>()

export const storageclasses = resource<StorageClass>({
  plural: 'storageclasses',
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  namespaced: false,
  enabledByDefault: true,
  schema: StorageClass,
  identity: { storageclass: nameOf },
  families: [
    info({
      name: 'kube_storageclass_info',
      help: 'Provisioner, reclaim policy and volume binding mode of the StorageClass, as labels; always 1.',
      stability: 'stable',
      labels: {
        provisioner: ({ provisioner }) => provisioner,
        reclaim_policy: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
        volume_binding_mode: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
      },
    }),
    created('kube_storageclass_created', 'StorageClass'),
    annotations('kube_storageclass_annotations', 'StorageClass'),
    labels('kube_storageclass_labels', 'StorageClass'),
  ],
})
