/** StorageClasses, PersistentVolumes, claims and VolumeAttachments. */

import type { ClusterState } from './cluster-state.ts'
import { create } from './cluster-state.ts'

/** Two classes: one for block storage, one for shared storage. */
export function createStorageClasses(cluster: ClusterState): void {
  const classes = [
    { name: 'fast', provisioner: 'csi.example.org', volumeBindingMode: 'WaitForFirstConsumer', isDefault: true },
    { name: 'shared', provisioner: 'nfs.example.org', volumeBindingMode: 'Immediate', isDefault: false },
  ]
  for (const { name, provisioner, volumeBindingMode, isDefault } of classes) {
    create(cluster, 'storageclasses', {
      metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': `${isDefault}` } },
      provisioner,
      reclaimPolicy: isDefault ? 'Delete' : 'Retain',
      volumeBindingMode,
      allowVolumeExpansion: true,
    })
  }
}

/** Creates a claim, its volume and, unless the volume is shared, the attachment to the node. */
export function createClaim(
  cluster: ClusterState,
  namespace: string,
  name: string,
  node: string,
  isShared: boolean,
): void {
  const { random } = cluster
  const volume = `pvc-${random.uid()}`
  const storageClassName = isShared ? 'shared' : 'fast'
  const accessModes = [isShared ? 'ReadWriteMany' : 'ReadWriteOnce']
  const storage = random.pick(['1Gi', '10Gi', '100Gi'])
  const spec = { accessModes, storageClassName, volumeMode: 'Filesystem' }
  const claim = create(cluster, 'persistentvolumeclaims', {
    metadata: { name, namespace, finalizers: ['kubernetes.io/pvc-protection'] },
    spec: { ...spec, resources: { requests: { storage } }, volumeName: volume },
    status: { phase: 'Bound', accessModes, capacity: { storage } },
  })
  const { uid } = claim.metadata
  const csi = {
    driver: 'csi.example.org',
    volumeHandle: random.uid(),
    fsType: 'ext4',
    volumeAttributes: { tier: 'ssd' },
  }
  create(cluster, 'persistentvolumes', {
    metadata: { name: volume, finalizers: ['kubernetes.io/pv-protection'] },
    spec: {
      ...spec,
      capacity: { storage },
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid },
      persistentVolumeReclaimPolicy: isShared ? 'Retain' : 'Delete',
      ...(isShared ? { nfs: { server: '192.0.2.9', path: `/exports/${volume}` } } : { csi }),
    },
    status: { phase: 'Bound', lastPhaseTransitionTime: claim.metadata.creationTimestamp },
  })
  if (isShared) return
  create(cluster, 'volumeattachments', {
    metadata: { name: `csi-${random.hex(64)}`, annotations: { 'csi.alpha.kubernetes.io/node-id': node } },
    spec: { attacher: 'csi.example.org', nodeName: node, source: { persistentVolumeName: volume } },
    status: { attached: true, attachmentMetadata: { devicePath: '/dev/sdb' } },
  })
}
