import { Service } from '../../schemas/service.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf, uidOf } from '../identity.ts'

const { info, created, annotations, labels, infoOfEach, deletionTimestamp } = familiesOf<Service>()

export const services = resource<Service>({
  plural: 'services',
  apiVersion: 'v1',
  kind: 'Service',
  namespaced: true,
  enabledByDefault: true,
  schema: Service,
  identity: { namespace: namespaceOf, service: nameOf, uid: uidOf },
  families: [
    info({
      name: 'kube_service_info',
      help: 'Cluster IP, external name, load balancer IP and external traffic policy of the service, as labels; always 1.',
      stability: 'stable',
      labels: {
        cluster_ip: ({ spec }) => spec.clusterIP,
        external_name: ({ spec }) => spec.externalName,
        load_balancer_ip: ({ spec }) => spec.loadBalancerIP,
        external_traffic_policy: ({ spec }) => spec.externalTrafficPolicy,
      },
    }),
    created('kube_service_created', 'service'),
    info({
      name: 'kube_service_spec_type',
      help: 'Type of the service, as a label; always 1.',
      stability: 'stable',
      labels: { type: ({ spec }) => spec.type },
    }),
    annotations('kube_service_annotations', 'service'),
    labels('kube_service_labels', 'service'),
    infoOfEach({
      name: 'kube_service_spec_external_ip',
      help: 'External IP addresses of the service, as labels; always 1.',
      stability: 'stable',
      each: ({ spec }) => spec.externalIPs,
      labels: { external_ip: (ip) => ip },
    }),
    infoOfEach({
      name: 'kube_service_status_load_balancer_ingress',
      help: 'Ingress points of the load balancer of the service, as labels; always 1.',
      stability: 'stable',
      each: ({ status }) => status.loadBalancer.ingress,
      labels: { ip: ({ ip }) => ip, hostname: ({ hostname }) => hostname },
    }),
    deletionTimestamp('kube_service_deletion_timestamp', 'service'),
  ],
})
