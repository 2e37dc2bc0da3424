/** Owns the families of persistent volume claims. */

import { PersistentVolumeClaim } from '../../schemas/persistent-volume-claim.ts'
import { quantityValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { labels, annotations, info, stateSet, value, infoOfEach, conditions, created, deletionTimestamp } =
  familiesOf<PersistentVolumeClaim>()

/** The annotation that named the class before there was a field for it; it wins, even when empty. */
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
    labels('kube_persistentvolumeclaim_labels', 'claim'),
    annotations('kube_persistentvolumeclaim_annotations', 'claim'),
    info({
      name: 'kube_persistentvolumeclaim_info',
      help: 'The storage class, volume and volume mode of the claim; always 1.',
      stability: 'stable',
      labels: {
        storageclass: ({ metadata, spec }) => metadata.annotations.get(classAnnotation) ?? spec.storageClassName ?? '',
        volumename: ({ spec }) => spec.volumeName,
        volumemode: ({ spec }) => spec.volumeMode ?? '',
      },
    }),
    stateSet({
      name: 'kube_persistentvolumeclaim_status_phase',
      help: 'Each phase that a claim can be in: 1 for the current one.',
      stability: 'stable',
      label: 'phase',
      states: ['Lost', 'Bound', 'Pending'],
      current: ({ status }) => status.phase || undefined,
    }),
    value({
      name: 'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      help: 'Bytes of storage that the claim asks for.',
      stability: 'stable',
      of({ spec }) {
        const storage = spec.resources.requests.get('storage')
        return storage === undefined ? undefined : quantityValue(storage)
      },
    }),
    infoOfEach({
      name: 'kube_persistentvolumeclaim_access_mode',
      help: 'Each access mode that the claim asks for; always 1.',
      stability: 'stable',
      each: ({ spec }) => spec.accessModes,
      labels: { access_mode: (mode) => mode },
    }),
    conditions({
      name: 'kube_persistentvolumeclaim_status_condition',
      help: 'Each condition of the claim: 1 for its current status.',
      stability: 'alpha',
      of: ({ status }) => status.conditions,
    }),
    created('kube_persistentvolumeclaim_created', 'claim', 'alpha'),
    deletionTimestamp('kube_persistentvolumeclaim_deletion_timestamp', 'claim'),
  ],
})
