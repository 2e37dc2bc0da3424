/** The state that all parts of the simulated cluster share. */

import type { ApiObject, ApiObjectMetadata } from '../api/kinds.ts'
import type { ObjectStore } from '../api/object-store.ts'
import { rfc3339 } from '../api/object-store.ts'
import type { PodTemplate } from './pod-template.ts'
import type { Random } from './random.ts'

export type Objects = Pick<ObjectStore, 'create' | 'update' | 'delete' | 'get' | 'list'>

/** A workload with its pods. */
export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'ReplicationController'
  readonly plural: string
  readonly namespace: string
  readonly name: string
  readonly hasService: boolean
  /** The names of the existing pods. */
  readonly pods: Set<string>
  template: PodTemplate
  replicas: number
  revision: number
  /** The names of the ReplicaSets of a Deployment, the current one last. */
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
  /** Schedules an action for a later step, in order. */
  readonly later: (steps: number, action: () => void) => void
}

/** The time this many seconds ago, as in objects. */
export const secondsAgo = (cluster: ClusterState, seconds: number): string => rfc3339(cluster.nowMs() - seconds * 1000)

/** The current time, as in objects. */
export const timestampNow = (cluster: ClusterState): string => rfc3339(cluster.nowMs())

/** Creates an object with a UID derived from the seed. */
export function create(cluster: ClusterState, plural: string, object: ApiObject): ApiObject {
  const metadata = { uid: cluster.random.uid(), creationTimestamp: timestampNow(cluster), ...object.metadata }
  return cluster.objects.create(plural, { ...object, metadata })
}

/** Replaces parts of an object; a new `spec` increments the generation. */
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

/** The object. Throws if it does not exist. */
export function existing(cluster: ClusterState, plural: string, namespace: string, name: string): ApiObject {
  const object = cluster.objects.get(plural, namespace === '' ? { name } : { namespace, name })
  if (!object) throw new Error(`${plural} "${namespace}/${name}" is not in the simulated cluster`)
  return object
}
