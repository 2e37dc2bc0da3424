import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { embedded, int, list, message, pointer, schema, string } from './schema.ts'

const IngressBackend = schema({
  resource: pointer(message(3, schema({ apiGroup: pointer(string(1)), kind: string(2), name: string(3) }))),
  service: pointer(message(4, schema({ name: string(1), port: message(2, schema({ number: int(2) })) }))),
})

const HTTPIngressPath = schema({
  path: string(1),
  backend: message(2, IngressBackend),
  pathType: pointer(string(3)),
})

const IngressRule = schema({
  host: string(1),
  ...embedded(2, { http: pointer(message(1, schema({ paths: list(message(1, HTTPIngressPath)) }))) }),
})

const IngressSpec = schema({
  tls: list(message(2, schema({ hosts: list(string(1)), secretName: string(2) }))),
  rules: list(message(3, IngressRule)),
  ingressClassName: pointer(string(4)),
})

export const Ingress = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, IngressSpec),
})
export type Ingress = ObjectOf<typeof Ingress>
