import { ReplicaSet } from '../../schemas/replica-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount, terminatingReplicas } from './workload-families.ts'

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
    created('kube_replicaset_created', 'ReplicaSet'),
    statusCount(
      'kube_replicaset_status_replicas',
      'Current number of replicas of the ReplicaSet.',
      ({ status }) => status.replicas,
    ),
    statusCount(
      'kube_replicaset_status_fully_labeled_replicas',
      'Number of replicas of the ReplicaSet that have all labels of the pod template.',
      ({ status }) => status.fullyLabeledReplicas,
    ),
    statusCount(
      'kube_replicaset_status_ready_replicas',
      'Number of ready replicas of the ReplicaSet.',
      ({ status }) => status.readyReplicas,
    ),
    terminatingReplicas('kube_replicaset_status_terminating_replicas', 'ReplicaSet'),
    observedGeneration('kube_replicaset_status_observed_generation', 'ReplicaSet'),
    desiredReplicas('kube_replicaset_spec_replicas', 'ReplicaSet'),
    generation('kube_replicaset_metadata_generation', 'ReplicaSet'),
    owner({
      name: 'kube_replicaset_owner',
      help: 'Owners of the ReplicaSet, one series per owner (empty labels without an owner); always 1.',
      stability: 'stable',
    }),
    annotations('kube_replicaset_annotations', 'ReplicaSet'),
    labels('kube_replicaset_labels', 'ReplicaSet'),
  ],
})
