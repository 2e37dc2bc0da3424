import { PersistentVolumeClaim } from '../../schemas/persistent-volume-claim.ts'
import { quantityValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { labels, annotations, info, stateSet, value, infoOfEach, conditions, created, deletionTimestamp } =
  familiesOf<PersistentVolumeClaim>()

/** The annotation that preceded the class field; it takes precedence, even when empty. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentvolumeclaims = resource<PersistentVolumeClaim>({
  plural: 'persistentvolumeclaims',
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
  enabledByDefault: true,
  schema: PersistentVolumeClaim,
  identity: { namespace: namespaceOf, persistentvolumeclaim: nameOf },
  families: [
    labels('kube_persistentvolumeclaim_labels', 'PersistentVolumeClaim'),
    annotations('kube_persistentvolumeclaim_annotations', 'PersistentVolumeClaim'),
    info({
      name: 'kube_persistentvolumeclaim_info',
      help: 'Storage class, volume and volume mode of the PersistentVolumeClaim, as labels; always 1.',
      stability: 'stable',
      labels: {
        storageclass: ({ metadata, spec }) => metadata.annotations.get(classAnnotation) ?? spec.storageClassName ?? '',
        volumename: ({ spec }) => spec.volumeName,
        volumemode: ({ spec }) => spec.volumeMode ?? '',
      },
    }),
    stateSet({
      name: 'kube_persistentvolumeclaim_status_phase',
      help: 'Phase of the PersistentVolumeClaim: 1 for the current phase, 0 for the others.',
      stability: 'stable',
      label: 'phase',
      states: ['Lost', 'Bound', 'Pending'],
      current: ({ status }) => status.phase || undefined,
    }),
    value({
      name: 'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      help: 'Requested storage in bytes.',
      stability: 'stable',
      of({ spec }) {
        const storage = spec.resources.requests.get('storage')
        return storage === undefined ? undefined : quantityValue(storage)
      },
    }),
    infoOfEach({
      name: 'kube_persistentvolumeclaim_access_mode',
      help: 'Requested access modes, as labels; always 1.',
      stability: 'stable',
      each: ({ spec }) => spec.accessModes,
      labels: { access_mode: (mode) => mode },
    }),
    conditions({
      name: 'kube_persistentvolumeclaim_status_condition',
      help: 'Conditions of the PersistentVolumeClaim: 1 for the current status of each condition, 0 for the others.',
      stability: 'alpha',
      of: ({ status }) => status.conditions,
    }),
    created('kube_persistentvolumeclaim_created', 'PersistentVolumeClaim', 'alpha'),
    deletionTimestamp('kube_persistentvolumeclaim_deletion_timestamp', 'PersistentVolumeClaim'),
  ],
})
