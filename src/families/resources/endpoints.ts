import type { EndpointSubset } from '../../schemas/endpoints.ts'
import { Endpoints } from '../../schemas/endpoints.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { info, created, annotations, labels, observableGauge } = familiesOf<Endpoints>()

/** Calls `visit` for each pair of port and address of a subset. */
function eachPortAndAddress(
  { ports, addresses, notReadyAddresses }: EndpointSubset,
  visit: (port: EndpointSubset['ports'][number], ip: string, ready: 'true' | 'false') => void,
): void {
  for (const port of ports) {
    for (const { ip } of addresses) visit(port, ip, 'true')
    for (const { ip } of notReadyAddresses) visit(port, ip, 'false')
  }
}

export const endpoints = resource<Endpoints>({
  plural: 'endpoints',
  apiVersion: 'v1',
  kind: 'Endpoints',
  namespaced: true,
  enabledByDefault: false,
  schema: Endpoints,
  identity: { namespace: namespaceOf, endpoint: nameOf },
  families: [
    info({ name: 'kube_endpoint_info', help: '1 for each Endpoints object.', stability: 'stable', labels: {} }),
    created('kube_endpoint_created', 'Endpoints object'),
    annotations('kube_endpoint_annotations', 'Endpoints object'),
    labels('kube_endpoint_labels', 'Endpoints object'),
    observableGauge({
      name: 'kube_endpoint_address',
      help: 'Addresses of the Endpoints object by port and readiness, as labels; always 1.',
      stability: 'stable',
      labels: ['port_protocol', 'port_number', 'port_name', 'ip', 'ready'],
      callback({ subsets }, observe) {
        for (const subset of subsets) {
          eachPortAndAddress(subset, ({ protocol, port, name }, ip, ready) => {
            observe(1, protocol, String(port), name, ip, ready)
          })
        }
      },
    }),
    observableGauge({
      name: 'kube_endpoint_ports',
      help: 'Ports of the Endpoints object, as labels; always 1.',
      stability: 'stable',
      deprecatedSince: 'v2.14.0',
      labels: ['port_name', 'port_protocol', 'port_number'],
      callback({ subsets }, observe) {
        for (const { ports } of subsets) {
          for (const { name, protocol, port } of ports) observe(1, name, protocol, String(port))
        }
      },
    }),
  ],
})
