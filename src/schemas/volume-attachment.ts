import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, map, message, pointer, schema, string } from './schema.ts'

const VolumeAttachmentSpec = schema({
  attacher: string(1),
  source: message(2, schema({ persistentVolumeName: pointer(string(1)) })),
  nodeName: string(3),
})

export const VolumeAttachment = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, VolumeAttachmentSpec),
  status: message(3, schema({ attached: bool(1), attachmentMetadata: map(string(2)) })),
})
export type VolumeAttachment = ObjectOf<typeof VolumeAttachment>
