import { LimitRange } from '../../schemas/limit-range.ts'
import { quantityMilliValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { created, observableGauge } = familiesOf<LimitRange>()

const constraints = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

export const limitranges = resource<LimitRange>({
  plural: 'limitranges',
  apiVersion: 'v1',
  kind: 'LimitRange',
  namespaced: true,
  enabledByDefault: true,
  schema: LimitRange,
  identity: { namespace: namespaceOf, limitrange: nameOf },
  families: [
    observableGauge({
      name: 'kube_limitrange',
      help: 'Constraints of the LimitRange by resource and object type, in the base unit of the resource.',
      stability: 'stable',
      labels: ['resource', 'type', 'constraint'],
      callback({ spec }, observe) {
        for (const limit of spec.limits) {
          for (const constraint of constraints) {
            for (const [name, quantity] of limit[constraint]) {
              observe(quantityMilliValue(quantity), name, limit.type, constraint)
            }
          }
        }
      },
    }),
    created('kube_limitrange_created', 'LimitRange'),
  ],
})
