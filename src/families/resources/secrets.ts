/** Owns the families of secrets: metadata and type, never data. */

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
    info({ name: 'kube_secret_info', help: 'The secret as such; always 1.', stability: 'stable', labels: {} }),
    info({
      name: 'kube_secret_type',
      help: 'The type of the secret; always 1.',
      stability: 'stable',
      labels: { type: ({ type }) => type },
    }),
    annotations('kube_secret_annotations', 'secret'),
    labels('kube_secret_labels', 'secret'),
    created('kube_secret_created', 'secret'),
    resourceVersion('kube_secret_metadata_resource_version', 'secret'),
    owner({ name: 'kube_secret_owner', help: 'Each owner of the secret; always 1.', stability: 'alpha' }),
  ],
})
