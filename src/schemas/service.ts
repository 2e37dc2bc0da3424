import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, message, schema, string } from './schema.ts'

const ServiceSpec = schema({
  clusterIP: string(3),
  type: string(4),
  externalIPs: list(string(5)),
  loadBalancerIP: string(8),
  externalName: string(10),
  externalTrafficPolicy: string(11),
})

const LoadBalancerStatus = schema({
  ingress: list(message(1, schema({ ip: string(1), hostname: string(2) }))),
})

export const Service = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, ServiceSpec),
  status: message(3, schema({ loadBalancer: message(1, LoadBalancerStatus) })),
})
export type Service = ObjectOf<typeof Service>
