/** Owns the families of replication controllers. */

import { ReplicationController } from '../../schemas/replication-controller.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount } from './workloads.ts'

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
    created('kube_replicationcontroller_created', 'replication controller'),
    statusCount(
      'kube_replicationcontroller_status_replicas',
      'Pods of the replication controller',
      ({ status }) => status.replicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_fully_labeled_replicas',
      'Pods of the replication controller that carry every label of its template',
      ({ status }) => status.fullyLabeledReplicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_ready_replicas',
      'Ready pods of the replication controller',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_replicationcontroller_status_available_replicas',
      'Available pods of the replication controller (ready for long enough)',
      ({ status }) => status.availableReplicas,
    ),
    observedGeneration('kube_replicationcontroller_status_observed_generation', 'replication controller'),
    desiredReplicas('kube_replicationcontroller_spec_replicas', 'replication controller'),
    generation('kube_replicationcontroller_metadata_generation', 'replication controller'),
    owner({
      name: 'kube_replicationcontroller_owner',
      help: 'Owners of the replication controller; empty labels when it has none.',
      stability: 'alpha',
    }),
  ],
})
