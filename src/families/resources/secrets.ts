/** Secrets are read as tables: metadata and type, never data. */

import { Secret } from '../../schemas/secret.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { info, annotations, labels, created, resourceVersion, owner } = familiesOf<Secret>()

export const secrets = resource<Secret>({
  plural: 'secrets',
  apiVersion: 'v1',
  kind: 'Secret',
  namespaced: true,
  enabledByDefault: true,
  form: 'table',
  schema: Secret,
  identity: { namespace: namespaceOf, secret: nameOf },
  families: [
    info({ name: 'kube_secret_info', help: '1 for each secret.', stability: 'stable', labels: {} }),
    info({
      name: 'kube_secret_type',
      help: 'Type of the secret, as a label; always 1.',
      stability: 'stable',
      labels: { type: ({ type }) => type },
    }),
    annotations('kube_secret_annotations', 'secret'),
    labels('kube_secret_labels', 'secret'),
    created('kube_secret_created', 'secret'),
    resourceVersion('kube_secret_metadata_resource_version', 'secret'),
    owner({
      name: 'kube_secret_owner',
      help: 'Owners of the secret, one series per owner (empty labels without an owner); always 1.',
      stability: 'alpha',
    }),
  ],
})
