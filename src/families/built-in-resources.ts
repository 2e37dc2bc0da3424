/** The list of all built-in resources, in the order of the output. To add a resource, add one line here. */

import type { AnyResource } from './family.ts'
import { certificatesigningrequests } from './resources/certificatesigningrequests.ts'
import { clusterrolebindings } from './resources/clusterrolebindings.ts'
import { clusterroles } from './resources/clusterroles.ts'
import { configmaps } from './resources/configmaps.ts'
import { cronjobs } from './resources/cronjobs.ts'
import { daemonsets } from './resources/daemonsets.ts'
import { deployments } from './resources/deployments.ts'
import { endpoints } from './resources/endpoints.ts'
import { endpointslices } from './resources/endpointslices.ts'
import { horizontalpodautoscalers } from './resources/horizontalpodautoscalers.ts'
import { ingressclasses } from './resources/ingressclasses.ts'
import { ingresses } from './resources/ingresses.ts'
import { jobs } from './resources/jobs.ts'
import { leases } from './resources/leases.ts'
import { limitranges } from './resources/limitranges.ts'
import { mutatingadmissionpolicies } from './resources/mutatingadmissionpolicies.ts'
import { mutatingadmissionpolicybindings } from './resources/mutatingadmissionpolicybindings.ts'
import { mutatingwebhookconfigurations } from './resources/mutatingwebhookconfigurations.ts'
import { namespaces } from './resources/namespaces.ts'
import { networkpolicies } from './resources/networkpolicies.ts'
import { nodes } from './resources/nodes.ts'
import { persistentvolumeclaims } from './resources/persistentvolumeclaims.ts'
import { persistentvolumes } from './resources/persistentvolumes.ts'
import { poddisruptionbudgets } from './resources/poddisruptionbudgets.ts'
import { pods } from './resources/pods.ts'
import { replicasets } from './resources/replicasets.ts'
import { replicationcontrollers } from './resources/replicationcontrollers.ts'
import { resourcequotas } from './resources/resourcequotas.ts'
import { rolebindings } from './resources/rolebindings.ts'
import { roles } from './resources/roles.ts'
import { secrets } from './resources/secrets.ts'
import { serviceaccounts } from './resources/serviceaccounts.ts'
import { services } from './resources/services.ts'
import { statefulsets } from './resources/statefulsets.ts'
import { storageclasses } from './resources/storageclasses.ts'
import { validatingadmissionpolicies } from './resources/validatingadmissionpolicies.ts'
import { validatingadmissionpolicybindings } from './resources/validatingadmissionpolicybindings.ts'
import { validatingwebhookconfigurations } from './resources/validatingwebhookconfigurations.ts'
import { volumeattachments } from './resources/volumeattachments.ts'

/** All built-in resources. */
export const resources: readonly AnyResource[] = [
  certificatesigningrequests,
  clusterrolebindings,
  clusterroles,
  configmaps,
  cronjobs,
  daemonsets,
  deployments,
  endpoints,
  endpointslices,
  horizontalpodautoscalers,
  ingressclasses,
  ingresses,
  jobs,
  leases,
  limitranges,
  mutatingadmissionpolicies,
  mutatingadmissionpolicybindings,
  mutatingwebhookconfigurations,
  namespaces,
  networkpolicies,
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  poddisruptionbudgets,
  pods,
  replicasets,
  replicationcontrollers,
  resourcequotas,
  rolebindings,
  roles,
  secrets,
  serviceaccounts,
  services,
  statefulsets,
  storageclasses,
  validatingadmissionpolicies,
  validatingadmissionpolicybindings,
  validatingwebhookconfigurations,
  volumeattachments,
]
