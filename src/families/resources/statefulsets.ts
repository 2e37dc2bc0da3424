/** Owns the families of stateful sets. */

import { StatefulSet } from '../../schemas/stateful-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { desiredReplicas, observedGeneration, statusCount } from './workloads.ts'

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
    created('kube_statefulset_created', 'stateful set'),
    statusCount('kube_statefulset_status_replicas', 'Pods of the stateful set', ({ status }) => status.replicas),
    statusCount(
      'kube_statefulset_status_replicas_available',
      'Available pods of the stateful set (ready for long enough)',
      ({ status }) => status.availableReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_current',
      'Pods of the stateful set in its current revision',
      ({ status }) => status.currentReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_ready',
      'Ready pods of the stateful set',
      ({ status }) => status.readyReplicas,
    ),
    statusCount(
      'kube_statefulset_status_replicas_updated',
      'Pods of the stateful set in the revision it moves to',
      ({ status }) => status.updatedReplicas,
    ),
    observedGeneration('kube_statefulset_status_observed_generation', 'stateful set'),
    desiredReplicas('kube_statefulset_replicas', 'stateful set'),
    value({
      name: 'kube_statefulset_ordinals_start',
      help: 'Number of the first pod, where the stateful set chooses its ordinals.',
      stability: 'stable',
      of: ({ spec }) => spec.ordinals?.start,
    }),
    generation('kube_statefulset_metadata_generation', 'stateful set'),
    observableGauge({
      name: 'kube_statefulset_persistentvolumeclaim_retention_policy',
      help: 'What becomes of the claims when the stateful set is deleted or scaled down, where it says so.',
      stability: 'stable',
      labels: ['when_deleted', 'when_scaled'],
      callback({ spec }, observe) {
        const policy = spec.persistentVolumeClaimRetentionPolicy
        if (policy === undefined || (policy.whenDeleted === '' && policy.whenScaled === '')) return
        observe(1, policy.whenDeleted, policy.whenScaled)
      },
    }),
    annotations('kube_statefulset_annotations', 'stateful set', 'stable'),
    labels('kube_statefulset_labels', 'stateful set'),
    info({
      name: 'kube_statefulset_status_current_revision',
      help: 'Revision that the pods of the stateful set come from, those already updated aside.',
      stability: 'stable',
      labels: { revision: ({ status }) => status.currentRevision },
    }),
    info({
      name: 'kube_statefulset_status_update_revision',
      help: 'Revision that the stateful set moves its pods to.',
      stability: 'stable',
      labels: { revision: ({ status }) => status.updateRevision },
    }),
    deletionTimestamp('kube_statefulset_deletion_timestamp', 'stateful set', 'stable'),
  ],
})
