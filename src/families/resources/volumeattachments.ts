/** Owns the families of volume attachments, whose labels are copied whatever the allow-list says. */

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
      help: 'All labels of the volume attachment.',
      stability: 'alpha',
      prefix: 'label',
      selection: 'all',
      from: ({ metadata }) => metadata.labels,
    }),
    info({
      name: 'kube_volumeattachment_info',
      help: 'The driver that attaches the volume, and the node that it attaches it to; always 1.',
      stability: 'alpha',
      labels: { attacher: ({ spec }) => spec.attacher, node: ({ spec }) => spec.nodeName },
    }),
    created('kube_volumeattachment_created', 'volume attachment', 'alpha'),
    infoOfEach({
      name: 'kube_volumeattachment_spec_source_persistentvolume',
      help: 'The persistent volume that is attached; always 1.',
      stability: 'alpha',
      each: ({ spec: { source } }) => (source.persistentVolumeName === undefined ? [] : [source.persistentVolumeName]),
      labels: { volumename: (name) => name },
    }),
    value({
      name: 'kube_volumeattachment_status_attached',
      help: 'Whether the volume is attached.',
      stability: 'alpha',
      of: ({ status }) => (status.attached ? 1 : 0),
    }),
    copied({
      name: 'kube_volumeattachment_status_attachment_metadata',
      help: 'What the driver reports of the attached volume.',
      stability: 'alpha',
      prefix: 'metadata',
      selection: 'all',
      from: ({ status }) => status.attachmentMetadata,
    }),
  ],
})
