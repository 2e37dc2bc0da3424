/** Services with their Endpoints and EndpointSlices, and ingresses. */

import type { ApiObject } from '../api/kinds.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing, ownerReference, timestampNow } from './cluster-state.ts'
import { isReady } from './pod-objects.ts'

const ports = [
  { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
  { name: 'admin', port: 9090, targetPort: 'admin', protocol: 'TCP' },
]
const endpointPorts = [
  { name: 'http', port: 8080, protocol: 'TCP' },
  { name: 'admin', port: 9090, protocol: 'TCP' },
]

type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer'

/** Creates the service of a new workload, with empty Endpoints and EndpointSlice. */
export function createService(
  cluster: ClusterState,
  namespace: string,
  name: string,
  options: { readonly type?: ServiceType; readonly isHeadless?: boolean } = {},
): void {
  const { random } = cluster
  const { type = 'ClusterIP', isHeadless = false } = options
  const address = `10.96.${random.int(0, 255)}.${random.int(1, 254)}`
  const clusterIP = isHeadless ? 'None' : address
  const ingress = [{ ip: `192.0.2.${random.int(1, 254)}`, ipMode: 'VIP' }]
  const service = create(cluster, 'services', {
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      ports: type === 'ClusterIP' ? ports : ports.map((it) => ({ ...it, nodePort: random.int(30_000, 32_767) })),
      selector: { 'app.kubernetes.io/name': name },
      clusterIP,
      clusterIPs: [clusterIP],
      type,
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true }),
    },
    status: { loadBalancer: type === 'LoadBalancer' ? { ingress } : {} },
  })
  const labels = { 'kubernetes.io/service-name': name }
  const ownerReferences = [ownerReference('v1', 'Service', service)]
  create(cluster, 'endpoints', { metadata: { name, namespace }, subsets: [] })
  create(cluster, 'endpointslices', {
    metadata: { name: sliceNameOf(name), namespace, generateName: `${name}-`, labels, ownerReferences },
    addressType: 'IPv4',
    endpoints: [],
    ports: endpointPorts,
  })
}

/** A fixed name, so that the slice can be found. */
const sliceNameOf = (service: string) => `${service}-0`

/** Updates the Endpoints and the EndpointSlice of a service from the pods. */
export function updateEndpoints(
  cluster: ClusterState,
  { namespace, name }: Workload,
  pods: readonly ApiObject[],
): void {
  const reachable = pods.filter(({ status }) => (status as { podIP?: string }).podIP !== undefined)
  const ready = reachable.filter(isReady)
  const notReady = reachable.filter((pod) => !isReady(pod))
  const subset = {
    ...(ready.length > 0 ? { addresses: ready.map(addressOf) } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady.map(addressOf) } : {}),
    ports: endpointPorts,
  }
  const subsets = reachable.length > 0 ? [subset] : []
  const endpoints = existing(cluster, 'endpoints', namespace, name)
  if (JSON.stringify(subsets) === JSON.stringify(endpoints.subsets)) return
  const trigger = { annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': timestampNow(cluster) } }
  change(cluster, 'endpoints', endpoints, { metadata: trigger, subsets })
  const slice = existing(cluster, 'endpointslices', namespace, sliceNameOf(name))
  change(cluster, 'endpointslices', slice, { metadata: trigger, endpoints: reachable.map(endpointOf) })
}

function addressOf({ metadata, spec, status }: ApiObject) {
  const { name, namespace, uid } = metadata
  const { podIP } = status as { podIP: string }
  const { nodeName } = spec as { nodeName: string }
  return { ip: podIP, nodeName, targetRef: { kind: 'Pod', namespace, name, uid } }
}

function endpointOf(pod: ApiObject) {
  const { ip, nodeName, targetRef } = addressOf(pod)
  const isTerminating = pod.metadata.deletionTimestamp !== undefined
  const conditions = { ready: isReady(pod) && !isTerminating, serving: isReady(pod), terminating: isTerminating }
  return { addresses: [ip], conditions, targetRef, nodeName, zone: 'north-a' }
}

/** Creates an ingress for a service. */
export function createIngress(cluster: ClusterState, namespace: string, service: string): void {
  const backend = { service: { name: service, port: { number: 80 } } }
  const host = `${service}.${namespace}.example.org`
  create(cluster, 'ingresses', {
    metadata: { name: service, namespace, generation: 1, annotations: { 'example.org/rewrite': '/' } },
    spec: {
      ingressClassName: 'front',
      tls: [{ hosts: [host], secretName: `${service}-tls` }],
      rules: [
        {
          host,
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend },
              { path: '/api', pathType: 'Prefix', backend },
            ],
          },
        },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  })
}

export function createIngressClass(cluster: ClusterState): void {
  create(cluster, 'ingressclasses', {
    metadata: { name: 'front', generation: 1, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'example.org/front' },
  })
}
