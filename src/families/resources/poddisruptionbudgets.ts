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
    annotations('kube_poddisruptionbudget_annotations', 'PodDisruptionBudget'),
    labels('kube_poddisruptionbudget_labels', 'PodDisruptionBudget', 'alpha'),
    created('kube_poddisruptionbudget_created', 'PodDisruptionBudget'),
    value({
      name: 'kube_poddisruptionbudget_status_current_healthy',
      help: 'Number of healthy pods that the PodDisruptionBudget covers.',
      stability: 'stable',
      of: ({ status }) => status.currentHealthy,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_desired_healthy',
      help: 'Minimum number of healthy pods that the PodDisruptionBudget requires.',
      stability: 'stable',
      of: ({ status }) => status.desiredHealthy,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_pod_disruptions_allowed',
      help: 'Number of pods that may be disrupted now.',
      stability: 'stable',
      of: ({ status }) => status.disruptionsAllowed,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_expected_pods',
      help: 'Number of pods that the PodDisruptionBudget covers.',
      stability: 'stable',
      of: ({ status }) => status.expectedPods,
    }),
    value({
      name: 'kube_poddisruptionbudget_status_observed_generation',
      help: 'Generation of the PodDisruptionBudget that its status refers to.',
      stability: 'stable',
      of: ({ status }) => status.observedGeneration,
    }),
    deletionTimestamp('kube_poddisruptionbudget_deletion_timestamp', 'PodDisruptionBudget'),
  ],
})
