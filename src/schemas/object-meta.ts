/** The metadata of every Kubernetes object, reduced to the fields that families read. */

import type { ObjectOf, Schema } from './schema.ts'
import { bool, int, list, map, message, pointer, schema, string, time } from './schema.ts'

export const OwnerReference = schema({
  kind: string(1),
  name: string(3),
  controller: pointer(bool(6)),
})
export type OwnerReference = ObjectOf<typeof OwnerReference>

export const ObjectMeta = schema({
  name: string(1),
  namespace: string(3),
  uid: string(5),
  resourceVersion: string(6),
  generation: int(7),
  creationTimestamp: time(8),
  deletionTimestamp: pointer(time(9)),
  labels: map(string(11)),
  annotations: map(string(12)),
  ownerReferences: list(message(13, OwnerReference)),
})
export type ObjectMeta = ObjectOf<typeof ObjectMeta>

/** The part of an object that the engine needs for every kind. */
export interface KubernetesObject {
  readonly metadata: ObjectMeta
}

/** A status condition as in most kinds, reduced to the fields that condition families read. */
export interface Condition {
  readonly type: string
  readonly status: string
}

/** The schema of a kind: a message with metadata. */
export type KindSchema<T extends KubernetesObject = KubernetesObject> = Schema<T>
