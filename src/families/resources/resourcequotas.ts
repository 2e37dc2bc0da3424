import { quantityMilliValue } from '../../schemas/quantity.ts'
import { ResourceQuota } from '../../schemas/resource-quota.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { created, observableGauge, annotations, labels } = familiesOf<ResourceQuota>()

export const resourcequotas = resource<ResourceQuota>({
  plural: 'resourcequotas',
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  namespaced: true,
  enabledByDefault: true,
  schema: ResourceQuota,
  identity: { namespace: namespaceOf, resourcequota: nameOf },
  families: [
    created('kube_resourcequota_created', 'ResourceQuota'),
    observableGauge({
      name: 'kube_resourcequota',
      help: 'Hard limit and usage of each resource of the quota, in the base unit of the resource.',
      stability: 'stable',
      labels: ['resource', 'type'],
      callback({ status }, observe) {
        for (const [name, quantity] of status.hard) observe(quantityMilliValue(quantity), name, 'hard')
        for (const [name, quantity] of status.used) observe(quantityMilliValue(quantity), name, 'used')
      },
    }),
    annotations('kube_resourcequota_annotations', 'ResourceQuota'),
    labels('kube_resourcequota_labels', 'ResourceQuota'),
  ],
})
