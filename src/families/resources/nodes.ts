import { Node } from '../../schemas/node.ts'
import { quantityMilliValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import type { Family } from '../family.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'
import { printedResource } from './printed-compute-resources.ts'

const families = familiesOf<Node>()
const { annotations, created, deletionTimestamp, info, labels, infoOfEach, value, conditions, observableGauge } =
  families

const rolePrefix = 'node-role.kubernetes.io/'

/** The last internal address, if a node has several. */
function internalIpOf({ status }: Node): string {
  return status.addresses.findLast(({ type }) => type === 'InternalIP')?.address ?? ''
}

/** The amounts of a resource list, with thousandths for every resource (pods have them only for CPU). */
function amounts(name: string, side: 'allocatable' | 'capacity', help: string): Family<Node> {
  return observableGauge({
    name,
    help,
    stability: 'stable',
    labels: ['resource', 'unit'],
    callback({ status }, observe) {
      for (const [resourceName, quantity] of status[side]) {
        if (resourceName === 'pods') {
          observe(quantityMilliValue(quantity), 'pods', 'integer')
          continue
        }
        const { label, units } = printedResource(resourceName)
        for (const unit of units) observe(quantityMilliValue(quantity), label, unit)
      }
    },
  })
}

export const nodes = resource<Node>({
  plural: 'nodes',
  apiVersion: 'v1',
  kind: 'Node',
  namespaced: false,
  enabledByDefault: true,
  schema: Node,
  identity: { node: nameOf },
  families: [
    annotations('kube_node_annotations', 'node'),
    created('kube_node_created', 'node'),
    deletionTimestamp('kube_node_deletion_timestamp', 'node'),
    info({
      name: 'kube_node_info',
      help: 'Software versions, addresses and provider ID of the node, as labels; always 1.',
      stability: 'stable',
      labels: {
        kernel_version: ({ status }) => status.nodeInfo.kernelVersion,
        os_image: ({ status }) => status.nodeInfo.osImage,
        container_runtime_version: ({ status }) => status.nodeInfo.containerRuntimeVersion,
        kubelet_version: ({ status }) => status.nodeInfo.kubeletVersion,
        kubeproxy_version: () => 'deprecated',
        provider_id: ({ spec }) => spec.providerID,
        pod_cidr: ({ spec }) => spec.podCIDR,
        system_uuid: ({ status }) => status.nodeInfo.systemUUID,
        internal_ip: internalIpOf,
      },
    }),
    labels('kube_node_labels', 'node'),
    observableGauge({
      name: 'kube_node_role',
      help: 'Roles of the node (from labels with the prefix `node-role.kubernetes.io/`), as labels; always 1.',
      stability: 'alpha',
      labels: ['role'],
      callback({ metadata }, observe) {
        for (const key of metadata.labels.keys()) {
          if (key.startsWith(rolePrefix)) observe(1, key.slice(rolePrefix.length))
        }
      },
    }),
    infoOfEach<string>({
      name: 'kube_node_spec_pod_cidrs',
      help: 'Pod address ranges of the node, as labels; always 1.',
      stability: 'alpha',
      each: ({ spec }) => spec.podCIDRs,
      labels: { pod_cidr: (range) => range },
    }),
    infoOfEach({
      name: 'kube_node_spec_taint',
      help: 'Taints of the node, as labels; always 1.',
      stability: 'stable',
      each: ({ spec }) => spec.taints,
      labels: { key: (taint) => taint.key, value: (taint) => taint.value, effect: (taint) => taint.effect },
    }),
    value({
      name: 'kube_node_spec_unschedulable',
      help: '1 if the node is cordoned (closed to new pods), 0 otherwise.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.unschedulable),
    }),
    amounts(
      'kube_node_status_allocatable',
      'allocatable',
      'Amount of each resource that pods on the node can use, in the unit given by the "unit" label.',
    ),
    amounts(
      'kube_node_status_capacity',
      'capacity',
      'Total amount of each resource of the node, in the unit given by the "unit" label.',
    ),
    conditions({
      name: 'kube_node_status_condition',
      help: 'Conditions of the node: 1 for the current status of each condition, 0 for the others.',
      stability: 'stable',
      of: ({ status }) => status.conditions,
    }),
    infoOfEach({
      name: 'kube_node_status_addresses',
      help: 'Addresses of the node by type, as labels; always 1.',
      stability: 'alpha',
      each: ({ status }) => status.addresses,
      labels: { type: (address) => address.type, address: (address) => address.address },
    }),
  ],
})
