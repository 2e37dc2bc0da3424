import { Deployment } from '../../schemas/deployment.ts'
import { familiesOf } from '../builders.ts'
import { eachConditionStatus } from '../condition-families.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { scaledValue } from './percentages.ts'
import { desiredReplicas, observedGeneration, statusCount, terminatingReplicas } from './workload-families.ts'

const families = familiesOf<Deployment>()
const { owner, created, generation, deletionTimestamp, annotations, labels, value, observableGauge } = families

/** Reasons set by the deployment controller; any other becomes `unknown`, to bound the number of label values. */
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

/** A limit of the rolling update as a number of pods; undefined if it is unset or malformed. */
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
      help: 'Owners of the deployment, one series per owner (empty labels without an owner); always 1.',
      stability: 'alpha',
      controllerLabel: false,
    }),
    created('kube_deployment_created', 'deployment'),
    statusCount(
      'kube_deployment_status_replicas',
      'Current number of replicas of the deployment.',
      ({ status }) => status.replicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_ready',
      'Number of ready replicas of the deployment.',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_available',
      'Number of available replicas of the deployment (ready for at least minReadySeconds).',
      ({ status }) => status.availableReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_unavailable',
      'Number of replicas that the deployment lacks to be fully available.',
      ({ status }) => status.unavailableReplicas,
    ),
    statusCount(
      'kube_deployment_status_replicas_updated',
      'Number of replicas of the deployment with the current pod template.',
      ({ status }) => status.updatedReplicas,
    ),
    terminatingReplicas('kube_deployment_status_terminating_replicas', 'deployment'),
    observedGeneration('kube_deployment_status_observed_generation', 'deployment'),
    observableGauge({
      name: 'kube_deployment_status_condition',
      help: 'Conditions of the deployment with their reason (`unknown` if it is not a standard one): 1 for the current status of each condition, 0 for the others.',
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
      help: '1 if rollouts of the deployment are paused, 0 otherwise.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.paused),
    }),
    value({
      name: 'kube_deployment_spec_strategy_rollingupdate_max_unavailable',
      help: 'Number of replicas that may be unavailable during a rolling update (percentages are rounded down).',
      stability: 'stable',
      of: (deployment) => rolloutBound(deployment, 'maxUnavailable', 'down'),
    }),
    value({
      name: 'kube_deployment_spec_strategy_rollingupdate_max_surge',
      help: 'Number of replicas allowed above the desired number during a rolling update (percentages are rounded up).',
      stability: 'stable',
      of: (deployment) => rolloutBound(deployment, 'maxSurge', 'up'),
    }),
    generation('kube_deployment_metadata_generation', 'deployment'),
    deletionTimestamp('kube_deployment_deletion_timestamp', 'deployment'),
    annotations('kube_deployment_annotations', 'deployment'),
    labels('kube_deployment_labels', 'deployment'),
  ],
})
