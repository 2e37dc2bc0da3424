import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, list, map, message, quantity, schema, string } from './schema.ts'

const NodeSpec = schema({
  podCIDR: string(1),
  providerID: string(3),
  unschedulable: bool(4),
  taints: list(message(5, schema({ key: string(1), value: string(2), effect: string(3) }))),
  podCIDRs: list(string(7)),
})

const NodeSystemInfo = schema({
  systemUUID: string(2),
  kernelVersion: string(4),
  osImage: string(5),
  containerRuntimeVersion: string(6),
  kubeletVersion: string(7),
})

const NodeStatus = schema({
  capacity: map(quantity(1)),
  allocatable: map(quantity(2)),
  conditions: list(message(4, schema({ type: string(1), status: string(2) }))),
  addresses: list(message(5, schema({ type: string(1), address: string(2) }))),
  nodeInfo: message(7, NodeSystemInfo),
})

export const Node = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, NodeSpec),
  status: message(3, NodeStatus),
})
export type Node = ObjectOf<typeof Node>
