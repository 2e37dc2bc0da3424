import type { PersistentVolumeSpec } from '../../schemas/persistent-volume.ts'
import { PersistentVolume } from '../../schemas/persistent-volume.ts'
import { quantityValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { info, infoOfEach, annotations, labels, stateSet, value, created, deletionTimestamp } =
  familiesOf<PersistentVolume>()

/** The possible sources of a volume. The API allows one; if there are several, the first in this order is reported. */
const sources = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'azureDisk',
  'fc',
  'iscsi',
  'nfs',
  'csi',
  'local',
  'hostPath',
] as const
type SourceName = (typeof sources)[number]

/** A label read from one kind of source; empty for volumes with another source. */
function fromSource<N extends SourceName>(name: N, read: (source: NonNullable<PersistentVolumeSpec[N]>) => string) {
  return ({ spec }: PersistentVolume) => {
    const source = spec[name]
    if (!source) return ''
    return sources.find((candidate) => spec[candidate] !== undefined) === name ? read(source) : ''
  }
}

/** Joined by commas, without leading commas for empty entries at the start. */
const joined = (names: readonly string[]) => names.reduce((text, name) => (text === '' ? name : `${text},${name}`), '')

export const persistentvolumes = resource<PersistentVolume>({
  plural: 'persistentvolumes',
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  namespaced: false,
  enabledByDefault: true,
  schema: PersistentVolume,
  identity: { persistentvolume: nameOf },
  families: [
    infoOfEach({
      name: 'kube_persistentvolume_claim_ref',
      help: 'Claim that the PersistentVolume is bound to, as labels; always 1.',
      stability: 'stable',
      each: ({ spec }) => (spec.claimRef === undefined ? [] : [spec.claimRef]),
      labels: { name: ({ name }) => name, claim_namespace: ({ namespace }) => namespace },
    }),
    annotations('kube_persistentvolume_annotations', 'PersistentVolume'),
    labels('kube_persistentvolume_labels', 'PersistentVolume'),
    stateSet({
      name: 'kube_persistentvolume_status_phase',
      help: 'Phase of the PersistentVolume: 1 for the current phase, 0 for the others.',
      stability: 'stable',
      label: 'phase',
      states: ['Pending', 'Available', 'Bound', 'Released', 'Failed'],
      current: ({ status }) => status.phase || undefined,
    }),
    info({
      name: 'kube_persistentvolume_info',
      help: 'Storage class, reclaim policy and storage backend of the PersistentVolume, as labels; always 1.',
      stability: 'stable',
      labels: {
        storageclass: ({ spec }) => spec.storageClassName,
        gce_persistent_disk_name: fromSource('gcePersistentDisk', ({ pdName }) => pdName),
        ebs_volume_id: fromSource('awsElasticBlockStore', ({ volumeID }) => volumeID),
        azure_disk_name: fromSource('azureDisk', ({ diskName }) => diskName),
        fc_wwids: fromSource('fc', ({ wwids }) => joined(wwids)),
        fc_lun: fromSource('fc', ({ lun }) => (lun === undefined ? '' : String(lun))),
        fc_target_wwns: fromSource('fc', ({ targetWWNs }) => joined(targetWWNs)),
        iscsi_target_portal: fromSource('iscsi', ({ targetPortal }) => targetPortal),
        iscsi_iqn: fromSource('iscsi', ({ iqn }) => iqn),
        iscsi_lun: fromSource('iscsi', ({ lun }) => String(lun)),
        iscsi_initiator_name: fromSource('iscsi', ({ initiatorName }) => initiatorName ?? ''),
        nfs_server: fromSource('nfs', ({ server }) => server),
        nfs_path: fromSource('nfs', ({ path }) => path),
        csi_driver: fromSource('csi', ({ driver }) => driver),
        csi_volume_handle: fromSource('csi', ({ volumeHandle }) => volumeHandle),
        local_path: fromSource('local', ({ path }) => path),
        local_fs: fromSource('local', ({ fsType }) => fsType ?? ''),
        host_path: fromSource('hostPath', ({ path }) => path),
        host_path_type: fromSource('hostPath', ({ type }) => type ?? ''),
        reclaim_policy: ({ spec }) => spec.persistentVolumeReclaimPolicy,
      },
    }),
    value({
      name: 'kube_persistentvolume_capacity_bytes',
      help: 'Storage capacity in bytes; 0 when unset.',
      stability: 'stable',
      of({ spec }) {
        const storage = spec.capacity.get('storage')
        return storage === undefined ? 0 : quantityValue(storage)
      },
    }),
    created('kube_persistentvolume_created', 'PersistentVolume', 'alpha'),
    deletionTimestamp('kube_persistentvolume_deletion_timestamp', 'PersistentVolume'),
    infoOfEach({
      name: 'kube_persistentvolume_csi_attributes',
      help: 'CSI mounter and map options of the PersistentVolume, as labels; always 1.',
      stability: 'alpha',
      optIn: true,
      each: ({ spec }) => (spec.csi === undefined ? [] : [spec.csi.volumeAttributes]),
      labels: {
        csi_mounter: (attributes) => attributes.get('mounter') ?? '',
        csi_map_options: (attributes) => attributes.get('mapOptions') ?? '',
      },
    }),
    info({
      name: 'kube_persistentvolume_volume_mode',
      help: 'Volume mode (Filesystem or Block) of the PersistentVolume, as a label; always 1.',
      stability: 'alpha',
      labels: { volumemode: ({ spec }) => spec.volumeMode ?? 'Filesystem' },
    }),
    infoOfEach({
      name: 'kube_persistentvolume_access_mode',
      help: 'Access modes of the PersistentVolume, as labels; always 1.',
      stability: 'alpha',
      each: ({ spec }) => spec.accessModes,
      labels: { access_mode: (mode) => mode },
    }),
  ],
})
