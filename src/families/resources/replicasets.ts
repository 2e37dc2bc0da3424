/** Owns the families of replica sets. */

import { ReplicaSet } from '../../schemas/replica-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount, terminatingReplicas } from './workloads.ts'

const { created, generation, owner, annotations, labels } = familiesOf<ReplicaSet>()

export const replicasets = resource<ReplicaSet>({
  plural: 'replicasets',
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  namespaced: true,
  enabledByDefault: true,
  schema: ReplicaSet,
  identity: { namespace: namespaceOf, replicaset: nameOf },
  families: [
    created('kube_replicaset_created', 'replica set'),
    statusCount('kube_replicaset_status_replicas', 'Pods of the replica set', ({ status }) => status.replicas),
    statusCount(
      'kube_replicaset_status_fully_labeled_replicas',
      'Pods of the replica set that carry every label of its template',
      ({ status }) => status.fullyLabeledReplicas,
    ),
    statusCount(
      'kube_replicaset_status_ready_replicas',
      'Ready pods of the replica set',
      ({ status }) => status.readyReplicas,
    ),
    terminatingReplicas('kube_replicaset_status_terminating_replicas', 'replica set'),
    observedGeneration('kube_replicaset_status_observed_generation', 'replica set'),
    desiredReplicas('kube_replicaset_spec_replicas', 'replica set'),
    generation('kube_replicaset_metadata_generation', 'replica set'),
    owner({
      name: 'kube_replicaset_owner',
      help: 'Owners of the replica set; empty labels when it has none.',
      stability: 'stable',
    }),
    annotations('kube_replicaset_annotations', 'replica set'),
    labels('kube_replicaset_labels', 'replica set'),
  ],
})
