/** Declares the pods resource: identity and the order of its families, most of which are in pods/. */

import type { Container, ContainerStatus } from '../../schemas/pod.ts'
import { Pod } from '../../schemas/pod.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf, uidOf } from '../identity.ts'
import { ipFamily } from './ip-address.ts'
import { containerFamilies } from './pods/containers.ts'
import { placementFamilies, requirementFamilies } from './pods/spec.ts'
import { completionTime, statusFamilies } from './pods/status.ts'

const { created, deletionTimestamp, observableGauge, annotations, labels } = familiesOf<Pod>()

const containersOf = ({ spec }: Pod): readonly Container[] => spec.containers
const containerStatusesOf = ({ status }: Pod): readonly ContainerStatus[] => status.containerStatuses
const initContainersOf = ({ spec }: Pod): readonly Container[] => spec.initContainers
const initContainerStatusesOf = ({ status }: Pod): readonly ContainerStatus[] => status.initContainerStatuses

/** The owner that is the controller of the pod. */
function controllerOf({ metadata }: Pod) {
  for (const owner of metadata.ownerReferences) if (owner.controller === true) return owner
  return undefined
}

const info = observableGauge({
  name: 'kube_pod_info',
  help: 'Addresses, node, controller and priority class of the pod, as labels; always 1.',
  stability: 'stable',
  labels: ['host_ip', 'pod_ip', 'node', 'created_by_kind', 'created_by_name', 'priority_class', 'host_network'],
  callback(pod, observe) {
    const { spec, status } = pod
    const controller = controllerOf(pod)
    const hostNetwork = spec.hostNetwork ? 'true' : 'false'
    const { hostIP, podIP } = status
    observe(
      1,
      hostIP,
      podIP,
      spec.nodeName,
      controller?.kind ?? '',
      controller?.name ?? '',
      spec.priorityClassName,
      hostNetwork,
    )
  },
})

const addresses = observableGauge({
  name: 'kube_pod_ips',
  help: 'IP addresses of the pod, as labels; always 1.',
  stability: 'alpha',
  labels: ['ip', 'ip_family'],
  callback({ status }, observe) {
    for (const { ip } of status.podIPs) {
      const family = ipFamily(ip)
      if (family !== undefined) observe(1, ip, String(family))
    }
  },
})

export const pods = resource<Pod>({
  plural: 'pods',
  apiVersion: 'v1',
  kind: 'Pod',
  namespaced: true,
  enabledByDefault: true,
  schema: Pod,
  identity: { namespace: namespaceOf, pod: nameOf, uid: uidOf },
  families: [
    completionTime,
    ...containerFamilies({
      prefix: 'kube_pod_container',
      subject: 'container',
      specs: containersOf,
      statuses: containerStatusesOf,
      hasRestartPolicy: false,
      stability: 'stable',
    }),
    created('kube_pod_created', 'pod'),
    deletionTimestamp('kube_pod_deletion_timestamp', 'pod'),
    info,
    addresses,
    ...containerFamilies({
      prefix: 'kube_pod_init_container',
      subject: 'init container',
      specs: initContainersOf,
      statuses: initContainerStatusesOf,
      hasRestartPolicy: true,
      stability: 'alpha',
    }),
    annotations('kube_pod_annotations', 'pod'),
    labels('kube_pod_labels', 'pod'),
    ...requirementFamilies,
    ...statusFamilies,
    ...placementFamilies,
  ],
})
