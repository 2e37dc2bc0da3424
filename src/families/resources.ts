/** Owns the list of all resources, in the order in which they are printed. A new resource is one line here. */

import { certificatesigningrequests } from './certificatesigningrequests.ts'
import { clusterrolebindings } from './clusterrolebindings.ts'
import { clusterroles } from './clusterroles.ts'
import { configmaps } from './configmaps.ts'
import { cronjobs } from './cronjobs.ts'
import { daemonsets } from './daemonsets.ts'
import { deployments } from './deployments.ts'
import { endpoints } from './endpoints.ts'
import { endpointslices } from './endpointslices.ts'
import type { AnyResource } from './family.ts'
import { horizontalpodautoscalers } from './horizontalpodautoscalers.ts'
import { ingressclasses } from './ingressclasses.ts'
import { ingresses } from './ingresses.ts'
import { jobs } from './jobs.ts'
import { leases } from './leases.ts'
import { limitranges } from './limitranges.ts'
import { mutatingadmissionpolicies } from './mutatingadmissionpolicies.ts'
import { mutatingadmissionpolicybindings } from './mutatingadmissionpolicybindings.ts'
import { mutatingwebhookconfigurations } from './mutatingwebhookconfigurations.ts'
import { namespaces } from './namespaces.ts'
import { networkpolicies } from './networkpolicies.ts'
import { nodes } from './nodes.ts'
import { persistentvolumeclaims } from './persistentvolumeclaims.ts'
import { persistentvolumes } from './persistentvolumes.ts'
import { poddisruptionbudgets } from './poddisruptionbudgets.ts'
import { pods } from './pods.ts'
import { replicasets } from './replicasets.ts'
import { replicationcontrollers } from './replicationcontrollers.ts'
import { resourcequotas } from './resourcequotas.ts'
import { rolebindings } from './rolebindings.ts'
import { roles } from './roles.ts'
import { secrets } from './secrets.ts'
import { serviceaccounts } from './serviceaccounts.ts'
import { services } from './services.ts'
import { statefulsets } from './statefulsets.ts'
import { storageclasses } from './storageclasses.ts'
import { validatingadmissionpolicies } from './validatingadmissionpolicies.ts'
import { validatingadmissionpolicybindings } from './validatingadmissionpolicybindings.ts'
import { validatingwebhookconfigurations } from './validatingwebhookconfigurations.ts'
import { volumeattachments } from './volumeattachments.ts'

/** Every resource that is built in. */
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
