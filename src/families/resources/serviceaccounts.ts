import { ServiceAccount } from '../../schemas/service-account.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf, uidOf } from '../identity.ts'

const { info, created, deletionTimestamp, infoOfEach, annotations, labels } = familiesOf<ServiceAccount>()

export const serviceaccounts = resource<ServiceAccount>({
  plural: 'serviceaccounts',
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  namespaced: true,
  enabledByDefault: false,
  schema: ServiceAccount,
  identity: { namespace: namespaceOf, serviceaccount: nameOf, uid: uidOf },
  families: [
    info({
      name: 'kube_serviceaccount_info',
      help: 'Token automount setting of the ServiceAccount, as a label (empty when unset); always 1.',
      stability: 'alpha',
      labels: { automount_token: (account) => String(account.automountServiceAccountToken ?? '') },
    }),
    created('kube_serviceaccount_created', 'ServiceAccount', 'alpha'),
    deletionTimestamp('kube_serviceaccount_deleted', 'ServiceAccount'),
    infoOfEach({
      name: 'kube_serviceaccount_secret',
      help: 'Secrets of the ServiceAccount, as labels; always 1.',
      stability: 'alpha',
      each: ({ secrets }) => secrets,
      labels: { name: ({ name }) => name },
    }),
    infoOfEach({
      name: 'kube_serviceaccount_image_pull_secret',
      help: 'Image pull secrets of the ServiceAccount, as labels; always 1.',
      stability: 'alpha',
      each: ({ imagePullSecrets }) => imagePullSecrets,
      labels: { name: ({ name }) => name },
    }),
    annotations('kube_serviceaccount_annotations', 'ServiceAccount'),
    labels('kube_serviceaccount_labels', 'ServiceAccount', 'alpha'),
  ],
})
