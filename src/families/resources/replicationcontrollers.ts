import { ReplicationController } from '../../schemas/replication-controller.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount } from './workload-families.ts'

const { created, generation, owner } = familiesOf<ReplicationController>()

export const replicationcontrollers = resource<ReplicationController>({
  plural: 'replicationcontrollers',
  apiVersion: 'v1',
  kind: 'ReplicationController',
  namespaced: true,
  enabledByDefault: true,
  schema: ReplicationController,
  identity: { namespace: namespaceOf, replicationcontroller: nameOf },
  families: [
    created('kube_replicationcontroller_created', 'ReplicationController'),
    statusCount(
      'kube_replicationcontroller_status_replicas',
      'Current number of replicas of the ReplicationController.',
      ({ status }) => status.replicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_fully_labeled_replicas',
      'Number of replicas of the ReplicationController that have all labels of the pod template.',
      ({ status }) => status.fullyLabeledReplicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_ready_replicas',
      'Number of ready replicas of the ReplicationController.',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_available_replicas',
      'Number of available replicas of the ReplicationController (ready for at least minReadySeconds).',
      ({ status }) => status.availableReplicas,
    ),
    observedGeneration('kube_replicationcontroller_status_observed_generation', 'ReplicationController'),
    desiredReplicas('kube_replicationcontroller_spec_replicas', 'ReplicationController'),
    generation('kube_replicationcontroller_metadata_generation', 'ReplicationController'),
    owner({
      name: 'kube_replicationcontroller_owner',
      help: 'Owners of the ReplicationController, one series per owner (empty labels without an owner); always 1.',
      stability: 'alpha',
    }),
  ],
})
