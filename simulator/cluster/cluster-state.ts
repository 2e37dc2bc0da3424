/** Owns what all parts of the living cluster share: the objects, chance, the clock, and who owns which pods. */

import type { ApiObject, ApiObjectMetadata } from '../api/kinds.ts'
import type { ObjectStore } from '../api/object-store.ts'
import { rfc3339 } from '../api/object-store.ts'
import type { PodTemplate } from './pod-template.ts'
import type { Random } from './random.ts'

export type Objects = Pick<ObjectStore, 'create' | 'update' | 'delete' | 'get' | 'list'>

/** Who makes pods. */
export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'ReplicationController'
  readonly plural: string
  readonly namespace: string
  readonly name: string
  readonly hasService: boolean
  /** Names of the pods that live. */
  readonly pods: Set<string>
  template: PodTemplate
  replicas: number
  revision: number
  /** Of a Deployment: the names of its replica sets, the current one last. */
  replicaSets: string[]
}

export interface ClusterState {
  readonly objects: Objects
  readonly random: Random
  /** In milliseconds since 1970. */
  readonly nowMs: () => number
  readonly nodes: string[]
  readonly namespaces: string[]
  readonly workloads: Workload[]
  /** Does it in a later step; the order is kept. */
  readonly later: (steps: number, action: () => void) => void
}

/** The time so long ago, as objects carry it. */
export const ago = (cluster: ClusterState, seconds: number): string => rfc3339(cluster.nowMs() - seconds * 1000)

/** The present, as objects carry it. */
export const present = (cluster: ClusterState): string => rfc3339(cluster.nowMs())

/** Creates an object with a uid of the seed's. `managed` are the owners of its fields. */
export function create(cluster: ClusterState, plural: string, object: ApiObject): ApiObject {
  const metadata = { uid: cluster.random.uid(), creationTimestamp: present(cluster), ...object.metadata }
  return cluster.objects.create(plural, { ...object, metadata })
}

/** Replaces parts of an object; a new `spec` counts as a new generation. */
export function change(
  cluster: ClusterState,
  plural: string,
  object: ApiObject,
  parts: { readonly metadata?: Partial<ApiObjectMetadata>; readonly [field: string]: unknown },
): ApiObject {
  const generation = Number(object.metadata.generation ?? 1) + (parts.spec === undefined ? 0 : 1)
  const counted = object.metadata.generation === undefined ? {} : { generation }
  const metadata = { ...object.metadata, ...counted, ...parts.metadata }
  return cluster.objects.update(plural, { ...object, ...parts, metadata })
}

/** A reference to the controller of an object. */
export function ownerReference(apiVersion: string, kind: string, owner: ApiObject) {
  const { name, uid } = owner.metadata
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** The object, which is known to exist. Throws when it does not. */
export function existing(cluster: ClusterState, plural: string, namespace: string, name: string): ApiObject {
  const object = cluster.objects.get(plural, namespace === '' ? { name } : { namespace, name })
  if (!object) throw new Error(`${plural} "${namespace}/${name}" is not in the simulated cluster`)
  return object
}
