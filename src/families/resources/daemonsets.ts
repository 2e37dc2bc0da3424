/** Owns the families of daemon sets. */

import { DaemonSet } from '../../schemas/daemon-set.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { observedGeneration, statusCount } from './workloads.ts'

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
    created('kube_daemonset_created', 'daemon set'),
    statusCount(
      'kube_daemonset_status_current_number_scheduled',
      'Nodes that run a pod of the daemon set and should',
      ({ status }) => status.currentNumberScheduled,
    ),
    statusCount(
      'kube_daemonset_status_desired_number_scheduled',
      'Nodes that should run a pod of the daemon set',
      ({ status }) => status.desiredNumberScheduled,
    ),
    statusCount(
      'kube_daemonset_status_number_available',
      'Nodes whose pod of the daemon set is available (ready for long enough)',
      ({ status }) => status.numberAvailable,
    ),
    statusCount(
      'kube_daemonset_status_number_misscheduled',
      'Nodes that run a pod of the daemon set and should not',
      ({ status }) => status.numberMisscheduled,
    ),
    statusCount(
      'kube_daemonset_status_number_ready',
      'Nodes whose pod of the daemon set is ready',
      ({ status }) => status.numberReady,
    ),
    statusCount(
      'kube_daemonset_status_number_unavailable',
      'Nodes that still lack an available pod of the daemon set',
      ({ status }) => status.numberUnavailable,
    ),
    observedGeneration('kube_daemonset_status_observed_generation', 'daemon set'),
    statusCount(
      'kube_daemonset_status_updated_number_scheduled',
      'Nodes whose pod of the daemon set has the current template',
      ({ status }) => status.updatedNumberScheduled,
    ),
    generation('kube_daemonset_metadata_generation', 'daemon set'),
    deletionTimestamp('kube_daemonset_deletion_timestamp', 'daemon set'),
    annotations('kube_daemonset_annotations', 'daemon set'),
    labels('kube_daemonset_labels', 'daemon set'),
  ],
})
