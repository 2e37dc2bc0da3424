/** Owns the families of pod disruption budgets. */

import { PodDisruptionBudget } from '../../schemas/pod-disruption-budget.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { annotations, labels, created, value, deletionTimestamp } = familiesOf<PodDisruptionBudget>()

export const poddisruptionbudgets = resource<PodDisruptionBudget>({
  plural: 'poddisruptionbudgets',
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  namespaced: true,
  enabledByDefault: true,
  schema: PodDisruptionBudget,
  identity: { namespace: namespaceOf, poddisruptionbudget: nameOf },
  families: [
    annotations('kube_poddisruptionbudget_annotations', 'disruption budget'),
    labels('kube_poddisruptionbudget_labels', 'disruption budget', 'alpha'),
    created('kube_poddisruptionbudget_created', 'disruption budget'),
    value({
      name: 'kube_poddisruptionbudget_status_current_healthy',
      help: 'Healthy pods that the disruption budget covers.',
      stability: 'stable',
      of: ({ status }) => status.currentHealthy,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_desired_healthy',
      help: 'The fewest healthy pods that the disruption budget puts up with.',
      stability: 'stable',
      of: ({ status }) => status.desiredHealthy,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_pod_disruptions_allowed',
      help: 'Pods that may be disrupted now.',
      stability: 'stable',
      of: ({ status }) => status.disruptionsAllowed,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_expected_pods',
      help: 'All pods that the disruption budget covers.',
      stability: 'stable',
      of: ({ status }) => status.expectedPods,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_observed_generation',
      help: 'Generation of the disruption budget that its status reflects.',
      stability: 'stable',
      of: ({ status }) => status.observedGeneration,
    }),
    deletionTimestamp('kube_poddisruptionbudget_deletion_timestamp', 'disruption budget'),
  ],
})
