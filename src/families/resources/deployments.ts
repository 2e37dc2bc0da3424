/** Owns the families of deployments. */

import { Deployment } from '../../schemas/deployment.ts'
import { eachConditionStatus, familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { scaledValue } from './percentages.ts'
import { desiredReplicas, observedGeneration, statusCount, terminatingReplicas } from './workloads.ts'

const families = familiesOf<Deployment>()
const { owner, created, generation, deletionTimestamp, annotations, labels, value, observableGauge } = families

/** Reasons that the deployment controller gives; any other is shown as `unknown`, so that labels stay few. */
const knownReasons = new Set([
  '',
  'DeploymentPaused',
  'DeploymentResumed',
  'FoundNewReplicaSet',
  'MinimumReplicasAvailable',
  'MinimumReplicasUnavailable',
  'NewReplicaSetAvailable',
  'NewReplicaSetCreated',
  'ProgressDeadlineExceeded',
  'ReplicaSetCreateError',
  'ReplicaSetUpdated',
])

/** A bound of the rolling update in pods; undefined where there is none, or it cannot be read. */
function rolloutBound({ spec }: Deployment, bound: 'maxSurge' | 'maxUnavailable', round: 'up' | 'down') {
  const limit = spec.strategy.rollingUpdate?.[bound]
  if (limit === undefined || spec.replicas === undefined) return undefined
  return scaledValue(limit, spec.replicas, round)
}

export const deployments = resource<Deployment>({
  plural: 'deployments',
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespaced: true,
  enabledByDefault: true,
  schema: Deployment,
  identity: { namespace: namespaceOf, deployment: nameOf },
  families: [
    owner({
      name: 'kube_deployment_owner',
      help: 'Owners of the deployment; empty labels when it has none.',
      stability: 'alpha',
      controllerLabel: false,
    }),
    created('kube_deployment_created', 'deployment'),
    statusCount('kube_deployment_status_replicas', 'Pods of the deployment', ({ status }) => status.replicas),
    statusCount(
      'kube_deployment_status_replicas_ready',
      'Ready pods of the deployment',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_available',
      'Available pods of the deployment (ready for long enough)',
      ({ status }) => status.availableReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_unavailable',
      'Pods that the deployment still lacks',
      ({ status }) => status.unavailableReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_updated',
      'Pods of the deployment with the current template',
      ({ status }) => status.updatedReplicas,
    ),
    terminatingReplicas('kube_deployment_status_terminating_replicas', 'deployment'),
    observedGeneration('kube_deployment_status_observed_generation', 'deployment'),
    observableGauge({
      name: 'kube_deployment_status_condition',
      help: 'Conditions of the deployment with their reason, if it is one of the usual ones.',
      stability: 'stable',
      labels: ['reason', 'condition', 'status'],
      callback({ status }, observe) {
        for (const condition of status.conditions) {
          const reason = knownReasons.has(condition.reason) ? condition.reason : 'unknown'
          eachConditionStatus(condition.status, (observed, name) => observe(observed, reason, condition.type, name))
        }
      },
    }),
    desiredReplicas('kube_deployment_spec_replicas', 'deployment'),
    value({
      name: 'kube_deployment_spec_paused',
      help: 'Whether rollouts of the deployment are paused.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.paused),
    }),
    value({
      name: 'kube_deployment_spec_strategy_rollingupdate_max_unavailable',
      help: 'Pods that may be missing during a rolling update; percentages are rounded down.',
      stability: 'stable',
      of: (deployment) => rolloutBound(deployment, 'maxUnavailable', 'down'),
    }),
    value({
      name: 'kube_deployment_spec_strategy_rollingupdate_max_surge',
      help: 'Pods that a rolling update may have too many; percentages are rounded up.',
      stability: 'stable',
      of: (deployment) => rolloutBound(deployment, 'maxSurge', 'up'),
    }),
    generation('kube_deployment_metadata_generation', 'deployment'),
    deletionTimestamp('kube_deployment_deletion_timestamp', 'deployment'),
    annotations('kube_deployment_annotations', 'deployment'),
    labels('kube_deployment_labels', 'deployment'),
  ],
})
