import { EndpointSlice } from '../../schemas/endpoint-slice.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { info, created, annotations, labels, observableGauge, infoOfEach } = familiesOf<EndpointSlice>()

/** An unset flag gives an empty label, not `false`. */
const textOf = (value: boolean | number | undefined) => (value === undefined ? '' : String(value))

export const endpointslices = resource<EndpointSlice>({
  plural: 'endpointslices',
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  namespaced: true,
  enabledByDefault: true,
  schema: EndpointSlice,
  identity: { endpointslice: nameOf, namespace: namespaceOf },
  families: [
    info({
      name: 'kube_endpointslice_info',
      help: 'Address type of the EndpointSlice, as a label; always 1.',
      stability: 'alpha',
      labels: { addresstype: ({ addressType }) => addressType },
    }),
    created('kube_endpointslice_created', 'EndpointSlice', 'alpha'),
    observableGauge({
      name: 'kube_endpointslice_endpoints_hints',
      help: 'Zones that each endpoint (identified by its first address) is hinted for, as labels; always 1.',
      stability: 'alpha',
      labels: ['address', 'for_zone'],
      callback({ endpoints }, observe) {
        for (const { addresses, hints } of endpoints) {
          const [first] = addresses
          if (first === undefined || hints === undefined) continue
          for (const zone of hints.forZones) observe(1, first, zone.name)
        }
      },
    }),
    observableGauge({
      name: 'kube_endpointslice_endpoints',
      help: 'Addresses of the EndpointSlice with the conditions, target, node and zone of their endpoint, as labels; always 1.',
      stability: 'alpha',
      labels: [
        'ready',
        'serving',
        'hostname',
        'terminating',
        'targetref_kind',
        'targetref_name',
        'targetref_namespace',
        'endpoint_nodename',
        'endpoint_zone',
        'address',
      ],
      callback({ endpoints }, observe) {
        for (const { conditions, hostname = '', targetRef, nodeName = '', zone = '', addresses } of endpoints) {
          const ready = textOf(conditions.ready)
          const serving = textOf(conditions.serving)
          const terminating = textOf(conditions.terminating)
          const { kind, name, namespace } = targetRef ?? { kind: '', name: '', namespace: '' }
          for (const address of addresses) {
            observe(1, ready, serving, hostname, terminating, kind, name, namespace, nodeName, zone, address)
          }
        }
      },
    }),
    infoOfEach({
      name: 'kube_endpointslice_ports',
      help: 'Ports of the EndpointSlice, as labels; always 1.',
      stability: 'alpha',
      each: ({ ports }) => ports,
      labels: {
        port_name: ({ name }) => name ?? '',
        port_protocol: ({ protocol }) => protocol ?? '',
        port_number: ({ port }) => textOf(port),
      },
    }),
    annotations('kube_endpointslice_annotations', 'EndpointSlice'),
    labels('kube_endpointslice_labels', 'EndpointSlice', 'alpha'),
  ],
})
