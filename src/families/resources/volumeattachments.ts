/** All labels of a VolumeAttachment are copied, regardless of the allowlist. */

import { VolumeAttachment } from '../../schemas/volume-attachment.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { copied, info, created, infoOfEach, value } = familiesOf<VolumeAttachment>()

export const volumeattachments = resource<VolumeAttachment>({
  plural: 'volumeattachments',
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttachment',
  namespaced: false,
  enabledByDefault: true,
  schema: VolumeAttachment,
  identity: { volumeattachment: nameOf },
  families: [
    copied({
      name: 'kube_volumeattachment_labels',
      help: 'All labels of the VolumeAttachment; always 1.',
      stability: 'alpha',
      prefix: 'label',
      selection: 'all',
      from: ({ metadata }) => metadata.labels,
    }),
    info({
      name: 'kube_volumeattachment_info',
      help: 'Attacher and node of the VolumeAttachment, as labels; always 1.',
      stability: 'alpha',
      labels: { attacher: ({ spec }) => spec.attacher, node: ({ spec }) => spec.nodeName },
    }),
    created('kube_volumeattachment_created', 'VolumeAttachment', 'alpha'),
    infoOfEach({
      name: 'kube_volumeattachment_spec_source_persistentvolume',
      help: 'PersistentVolume to attach, as a label; always 1.',
      stability: 'alpha',
      each: ({ spec: { source } }) => (source.persistentVolumeName === undefined ? [] : [source.persistentVolumeName]),
      labels: { volumename: (name) => name },
    }),
    value({
      name: 'kube_volumeattachment_status_attached',
      help: '1 if the volume is attached, 0 otherwise.',
      stability: 'alpha',
      of: ({ status }) => (status.attached ? 1 : 0),
    }),
    copied({
      name: 'kube_volumeattachment_status_attachment_metadata',
      help: 'Metadata from the attacher, one label per key; always 1.',
      stability: 'alpha',
      prefix: 'metadata',
      selection: 'all',
      from: ({ status }) => status.attachmentMetadata,
    }),
  ],
})
