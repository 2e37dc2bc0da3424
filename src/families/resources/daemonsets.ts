import { DaemonSet } from '../../schemas/daemon-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { observedGeneration, statusCount } from './workload-families.ts'

const { created, generation, deletionTimestamp, annotations, labels } = familiesOf<DaemonSet>()

export const daemonsets = resource<DaemonSet>({
  plural: 'daemonsets',
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  namespaced: true,
  enabledByDefault: true,
  schema: DaemonSet,
  identity: { namespace: namespaceOf, daemonset: nameOf },
  families: [
    created('kube_daemonset_created', 'DaemonSet'),
    statusCount(
      'kube_daemonset_status_current_number_scheduled',
      'Number of nodes that are selected by the DaemonSet and run one of its pods.',
      ({ status }) => status.currentNumberScheduled,
    ),
    statusCount(
      'kube_daemonset_status_desired_number_scheduled',
      'Number of nodes that are selected by the DaemonSet.',
      ({ status }) => status.desiredNumberScheduled,
    ),
    statusCount(
      'kube_daemonset_status_number_available',
      'Number of nodes with an available pod of the DaemonSet (ready for at least minReadySeconds).',
      ({ status }) => status.numberAvailable,
    ),
    statusCount(
      'kube_daemonset_status_number_misscheduled',
      'Number of nodes that run a pod of the DaemonSet but are not selected by it.',
      ({ status }) => status.numberMisscheduled,
    ),
    statusCount(
      'kube_daemonset_status_number_ready',
      'Number of nodes with a ready pod of the DaemonSet.',
      ({ status }) => status.numberReady,
    ),
    statusCount(
      'kube_daemonset_status_number_unavailable',
      'Number of selected nodes without an available pod of the DaemonSet.',
      ({ status }) => status.numberUnavailable,
    ),
    observedGeneration('kube_daemonset_status_observed_generation', 'DaemonSet'),
    statusCount(
      'kube_daemonset_status_updated_number_scheduled',
      'Number of nodes whose pod of the DaemonSet has the current template.',
      ({ status }) => status.updatedNumberScheduled,
    ),
    generation('kube_daemonset_metadata_generation', 'DaemonSet'),
    deletionTimestamp('kube_daemonset_deletion_timestamp', 'DaemonSet'),
    annotations('kube_daemonset_annotations', 'DaemonSet'),
    labels('kube_daemonset_labels', 'DaemonSet'),
  ],
})
