/** Owns the families of nodes. */

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

/** The last of them, should a node have several. */
function internalIpOf({ status }: Node): string {
  return status.addresses.findLast(({ type }) => type === 'InternalIP')?.address ?? ''
}

/** The amounts of a resource list; thousandths count for every resource, not for CPU only as in pods. */
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
      help: 'The node, its software and its addresses.',
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
      help: 'Roles of the node, from its labels.',
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
      help: 'Address ranges that the node gives to its pods.',
      stability: 'alpha',
      each: ({ spec }) => spec.podCIDRs,
      labels: { pod_cidr: (range) => range },
    }),
    infoOfEach({
      name: 'kube_node_spec_taint',
      help: 'Taints of the node.',
      stability: 'stable',
      each: ({ spec }) => spec.taints,
      labels: { key: (taint) => taint.key, value: (taint) => taint.value, effect: (taint) => taint.effect },
    }),
    value({
      name: 'kube_node_spec_unschedulable',
      help: 'Whether new pods are kept away from the node.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.unschedulable),
    }),
    amounts('kube_node_status_allocatable', 'allocatable', 'Amount of a resource that pods on the node can have.'),
    amounts('kube_node_status_capacity', 'capacity', 'Amount of a resource that the node has.'),
    conditions({
      name: 'kube_node_status_condition',
      help: 'Conditions of the node.',
      stability: 'stable',
      of: ({ status }) => status.conditions,
    }),
    infoOfEach({
      name: 'kube_node_status_addresses',
      help: 'Addresses and names of the node.',
      stability: 'alpha',
      each: ({ status }) => status.addresses,
      labels: { type: (address) => address.type, address: (address) => address.address },
    }),
  ],
})
