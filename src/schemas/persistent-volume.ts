/** Only the volume sources that become labels are read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { embedded, int, list, map, message, pointer, quantity, schema, string } from './schema.ts'

const FCVolumeSource = schema({
  targetWWNs: list(string(1)),
  lun: pointer(int(2)),
  wwids: list(string(5)),
})

const ISCSIPersistentVolumeSource = schema({
  targetPortal: string(1),
  iqn: string(2),
  lun: int(3),
  initiatorName: pointer(string(12)),
})

const CSIPersistentVolumeSource = schema({
  driver: string(1),
  volumeHandle: string(2),
  volumeAttributes: map(string(5)),
})

const persistentVolumeSource = {
  gcePersistentDisk: pointer(message(1, schema({ pdName: string(1) }))),
  awsElasticBlockStore: pointer(message(2, schema({ volumeID: string(1) }))),
  hostPath: pointer(message(3, schema({ path: string(1), type: pointer(string(2)) }))),
  nfs: pointer(message(5, schema({ server: string(1), path: string(2) }))),
  iscsi: pointer(message(7, ISCSIPersistentVolumeSource)),
  fc: pointer(message(10, FCVolumeSource)),
  azureDisk: pointer(message(16, schema({ diskName: string(1) }))),
  local: pointer(message(20, schema({ path: string(1), fsType: pointer(string(2)) }))),
  csi: pointer(message(22, CSIPersistentVolumeSource)),
}

const PersistentVolumeSpec = schema({
  capacity: map(quantity(1)),
  ...embedded(2, persistentVolumeSource),
  accessModes: list(string(3)),
  claimRef: pointer(message(4, schema({ namespace: string(2), name: string(3) }))),
  persistentVolumeReclaimPolicy: string(5),
  storageClassName: string(6),
  volumeMode: pointer(string(8)),
})
export type PersistentVolumeSpec = ObjectOf<typeof PersistentVolumeSpec>

export const PersistentVolume = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, PersistentVolumeSpec),
  status: message(3, schema({ phase: string(1) })),
})
export type PersistentVolume = ObjectOf<typeof PersistentVolume>
