/** Nodes and their leases. */

import type { ApiObject } from '../api/kinds.ts'
import type { ClusterState } from './cluster-state.ts'
import { change, create, existing, secondsAgo, timestampNow } from './cluster-state.ts'
import { managedBy } from './managed-fields.ts'

const zones = ['a', 'b', 'c']
const machines = [
  { type: 'm-4', cpu: 4, memoryGi: 16 },
  { type: 'm-8', cpu: 8, memoryGi: 32 },
  { type: 'm-16', cpu: 16, memoryGi: 64 },
]

/** Creates nodes with their leases; the first one is a control plane node. */
export function createNodes(cluster: ClusterState, count: number): void {
  for (let index = 0; index < count; index++) {
    const name = index === 0 ? 'control-plane-0' : `worker-${cluster.random.suffix(5)}`
    cluster.nodes.push(name)
    createNode(cluster, name, index)
    createNodeLease(cluster, name)
  }
}

function createNode(cluster: ClusterState, name: string, index: number): void {
  const { random } = cluster
  const machine = random.pick(machines)
  const isControlPlane = index === 0
  const createdAt = secondsAgo(cluster, random.int(86_400, 90 * 86_400))
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'node.kubernetes.io/instance-type': machine.type,
    'topology.kubernetes.io/region': 'north',
    'topology.kubernetes.io/zone': `north-${zones[index % zones.length]}`,
    ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
  }
  const status = nodeStatus(cluster, name, index, machine, createdAt)
  create(cluster, 'nodes', {
    metadata: {
      name,
      creationTimestamp: createdAt,
      labels,
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
      managedFields: [
        managedBy('kubelet', createdAt, { metadata: { labels } }),
        managedBy('kubelet', createdAt, { status }, { subresource: 'status' }),
      ],
    },
    spec: {
      podCIDR: `10.${64 + (index >> 8)}.${index & 255}.0/24`,
      podCIDRs: [`10.${64 + (index >> 8)}.${index & 255}.0/24`],
      providerID: `simulated://north/${name}`,
      ...(isControlPlane ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
    },
    status,
  })
}

function nodeStatus(
  cluster: ClusterState,
  name: string,
  index: number,
  { cpu, memoryGi }: (typeof machines)[number],
  since: string,
): Record<string, unknown> {
  const fixed = { pods: '110', 'hugepages-2Mi': '0' }
  return {
    capacity: { cpu: `${cpu}`, memory: `${memoryGi * 2 ** 20}Ki`, 'ephemeral-storage': '101430960Ki', ...fixed },
    allocatable: {
      cpu: `${cpu * 1000 - 100}m`,
      memory: `${memoryGi * 2 ** 20 - 2 ** 20}Ki`,
      'ephemeral-storage': '93478772582',
      ...fixed,
    },
    conditions: nodeConditions(true, since, since),
    addresses: [
      { type: 'InternalIP', address: `10.0.${index >> 8}.${index & 255}` },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: cluster.random.hex(32),
      systemUUID: cluster.random.uid(),
      bootID: cluster.random.uid(),
      kernelVersion: '6.12.0-amd64',
      osImage: 'Simulated Linux 1',
      containerRuntimeVersion: 'containerd://2.1.0',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    images: [{ names: ['registry.example.org/mesh/proxy:1.0.0'], sizeBytes: 31_234_567 }],
  }
}

function nodeConditions(isReady: boolean, heartbeat: string, since: string) {
  const pressure = isReady ? 'False' : 'Unknown'
  const silent = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    lastHeartbeatTime: heartbeat,
    lastTransitionTime: since,
    ...(isReady ? { reason, message: `the kubelet says: ${reason}` } : silent),
  })
  return [
    condition('MemoryPressure', pressure, 'KubeletHasSufficientMemory'),
    condition('DiskPressure', pressure, 'KubeletHasNoDiskPressure'),
    condition('PIDPressure', pressure, 'KubeletHasSufficientPID'),
    condition('Ready', isReady ? 'True' : 'Unknown', 'KubeletReady'),
  ]
}

const unreachableTaints = [
  { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
]

/** Makes a node ready or unreachable, with the taints. */
export function setNodeReady(cluster: ClusterState, name: string, isReady: boolean): ApiObject {
  const node = existing(cluster, 'nodes', '', name)
  const { taints, ...spec } = node.spec as Record<string, unknown>
  const now = timestampNow(cluster)
  return change(cluster, 'nodes', node, {
    spec: isReady ? spec : { ...spec, taints: unreachableTaints },
    status: { ...(node.status as object), conditions: nodeConditions(isReady, now, now) },
  })
}

/** The nodes that pods can be scheduled to. */
export const workers = (cluster: ClusterState): readonly string[] => cluster.nodes.slice(1)

function createNodeLease(cluster: ClusterState, name: string): void {
  create(cluster, 'leases', {
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime(cluster.nowMs()) },
  })
}

/** In the format of metav1.MicroTime. */
export const microTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '000Z')

/** Renews the lease of a node, as the kubelet does every ten seconds. */
export function renewLease(cluster: ClusterState, name: string): void {
  const lease = existing(cluster, 'leases', 'kube-node-lease', name)
  change(cluster, 'leases', lease, { spec: { ...(lease.spec as object), renewTime: microTime(cluster.nowMs()) } })
}
