import { StatefulSet } from '../../schemas/stateful-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount } from './workload-families.ts'

const families = familiesOf<StatefulSet>()
const { created, value, generation, observableGauge, annotations, labels, info, deletionTimestamp } = families

export const statefulsets = resource<StatefulSet>({
  plural: 'statefulsets',
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  namespaced: true,
  enabledByDefault: true,
  schema: StatefulSet,
  identity: { namespace: namespaceOf, statefulset: nameOf },
  families: [
    created('kube_statefulset_created', 'StatefulSet'),
    statusCount(
      'kube_statefulset_status_replicas',
      'Current number of replicas of the StatefulSet.',
      ({ status }) => status.replicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_available',
      'Number of available replicas of the StatefulSet (ready for at least minReadySeconds).',
      ({ status }) => status.availableReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_current',
      'Number of replicas of the StatefulSet at the current revision.',
      ({ status }) => status.currentReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_ready',
      'Number of ready replicas of the StatefulSet.',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_updated',
      'Number of replicas of the StatefulSet at the update revision.',
      ({ status }) => status.updatedReplicas,
    ),
    observedGeneration('kube_statefulset_status_observed_generation', 'StatefulSet'),
    desiredReplicas('kube_statefulset_replicas', 'StatefulSet'),
    value({
      name: 'kube_statefulset_ordinals_start',
      help: 'Ordinal of the first replica; absent when unset.',
      stability: 'stable',
      of: ({ spec }) => spec.ordinals?.start,
    }),
    generation('kube_statefulset_metadata_generation', 'StatefulSet'),
    observableGauge({
      name: 'kube_statefulset_persistentvolumeclaim_retention_policy',
      help: 'Retention policy for claims on deletion and on scale-down, as labels; 1 if set, absent otherwise.',
      stability: 'stable',
      labels: ['when_deleted', 'when_scaled'],
      callback({ spec }, observe) {
        const policy = spec.persistentVolumeClaimRetentionPolicy
        if (policy === undefined || (policy.whenDeleted === '' && policy.whenScaled === '')) return
        observe(1, policy.whenDeleted, policy.whenScaled)
      },
    }),
    annotations('kube_statefulset_annotations', 'StatefulSet', 'stable'),
    labels('kube_statefulset_labels', 'StatefulSet'),
    info({
      name: 'kube_statefulset_status_current_revision',
      help: 'Revision of the replicas that are not yet updated, as a label; always 1.',
      stability: 'stable',
      labels: { revision: ({ status }) => status.currentRevision },
    }),
    info({
      name: 'kube_statefulset_status_update_revision',
      help: 'Revision that the replicas are updated to, as a label; always 1.',
      stability: 'stable',
      labels: { revision: ({ status }) => status.updateRevision },
    }),
    deletionTimestamp('kube_statefulset_deletion_timestamp', 'StatefulSet', 'stable'),
  ],
})
