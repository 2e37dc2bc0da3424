import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, list, message, schema, string } from './schema.ts'

const EndpointAddress = schema({ ip: string(1) })

export const EndpointSubset = schema({
  addresses: list(message(1, EndpointAddress)),
  notReadyAddresses: list(message(2, EndpointAddress)),
  ports: list(message(3, schema({ name: string(1), port: int(2), protocol: string(3) }))),
})
export type EndpointSubset = ObjectOf<typeof EndpointSubset>

export const Endpoints = schema({
  metadata: message(1, ObjectMeta),
  subsets: list(message(2, EndpointSubset)),
})
export type Endpoints = ObjectOf<typeof Endpoints>
