import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, int, list, message, pointer, schema, string } from './schema.ts'

const EndpointConditions = schema({
  ready: pointer(bool(1)),
  serving: pointer(bool(2)),
  terminating: pointer(bool(3)),
})

const Endpoint = schema({
  addresses: list(string(1)),
  conditions: message(2, EndpointConditions),
  hostname: pointer(string(3)),
  targetRef: pointer(message(4, schema({ kind: string(1), namespace: string(2), name: string(3) }))),
  nodeName: pointer(string(6)),
  zone: pointer(string(7)),
  hints: pointer(message(8, schema({ forZones: list(message(1, schema({ name: string(1) }))) }))),
})

const EndpointPort = schema({
  name: pointer(string(1)),
  protocol: pointer(string(2)),
  port: pointer(int(3)),
})

export const EndpointSlice = schema({
  metadata: message(1, ObjectMeta),
  endpoints: list(message(2, Endpoint)),
  ports: list(message(3, EndpointPort)),
  addressType: string(4),
})
export type EndpointSlice = ObjectOf<typeof EndpointSlice>
