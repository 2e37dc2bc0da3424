import { Namespace } from '../../schemas/namespace.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { created, annotations, labels, stateSet, conditions } = familiesOf<Namespace>()

export const namespaces = resource<Namespace>({
  plural: 'namespaces',
  apiVersion: 'v1',
  kind: 'Namespace',
  namespaced: false,
  enabledByDefault: true,
  schema: Namespace,
  identity: { namespace: nameOf },
  families: [
    created('kube_namespace_created', 'namespace'),
    annotations('kube_namespace_annotations', 'namespace'),
    labels('kube_namespace_labels', 'namespace'),
    stateSet({
      name: 'kube_namespace_status_phase',
      help: 'Phase of the namespace: 1 for the current phase, 0 for the other.',
      stability: 'stable',
      label: 'phase',
      states: ['Active', 'Terminating'],
      current: ({ status }) => status.phase,
    }),
    conditions({
      name: 'kube_namespace_status_condition',
      help: 'Conditions of the namespace (set during its deletion): 1 for the current status of each condition, 0 for the others.',
      stability: 'alpha',
      of: ({ status }) => status.conditions,
    }),
  ],
})
