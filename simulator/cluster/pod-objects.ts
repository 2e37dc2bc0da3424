/** Creates pods, changes their state and deletes them. */

import type { ApiObject } from '../api/kinds.ts'
import { rfc3339 } from '../api/object-store.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing, ownerReference } from './cluster-state.ts'
import { managedBy } from './managed-fields.ts'
import type { PodDetails, PodState } from './pod-status.ts'
import { podStatus } from './pod-status.ts'
import type { PodSpec } from './pod-template.ts'

export interface NewPod {
  readonly name: string
  /** The controller of the pod: a ReplicaSet, a job, … */
  readonly owner: ApiObject
  readonly ownerType: readonly [apiVersion: string, kind: string]
  readonly node: string
  readonly state: PodState
  readonly createdMs: number
  readonly labels?: Readonly<Record<string, string>>
}

/** Creates a pod from the template of a workload and adds it to its pods. */
export function createPod(cluster: ClusterState, workload: Workload, pod: NewPod): ApiObject {
  const { template, namespace } = workload
  const { name, owner, ownerType, node, state, createdMs } = pod
  const uid = cluster.random.uid()
  const spec = { ...specOf(workload, name), nodeName: node }
  const details = { ...detailsOf(uid, spec, createdMs, cluster), sinceMs: createdMs + 5000 }
  const createdAt = rfc3339(createdMs)
  const labels = { ...template.labels, ...pod.labels }
  const own = { annotations: template.annotations, labels }
  workload.pods.add(name)
  return create(cluster, 'pods', {
    metadata: {
      name,
      generateName: name.replace(/[^-]*$/, ''),
      namespace,
      uid,
      creationTimestamp: createdAt,
      ...own,
      ownerReferences: [ownerReference(...ownerType, owner)],
      managedFields: [
        managedBy('kube-controller-manager', createdAt, { metadata: own, spec: template.spec }),
        managedBy('kubelet', createdAt, { status: statusShape(template.spec) }, { subresource: 'status' }),
      ],
    },
    spec,
    status: podStatus(state, details),
  })
}

/** Pods of StatefulSets have their own claims. */
function specOf({ kind, template }: Workload, name: string): PodSpec {
  if (kind !== 'StatefulSet') return template.spec
  const volumes = template.spec.volumes.map((volume) =>
    volume.persistentVolumeClaim ? { ...volume, persistentVolumeClaim: { claimName: claimNameOf(name) } } : volume,
  )
  return { ...template.spec, volumes, hostname: name }
}

/** The claim of a pod in a StatefulSet. */
export const claimNameOf = (pod: string): string => `data-${pod}`

const shapes = new WeakMap<PodSpec, Record<string, unknown>>()

/** The status fields that the kubelet manages, shared by all pods of a template. */
function statusShape(spec: PodSpec): Record<string, unknown> {
  const known = shapes.get(spec)
  if (known) return known
  const details = { spec, hostIp: '', podIp: '', createdMs: 0, sinceMs: 0, restarts: 1, digest: '0' }
  const shape = podStatus('running', details)
  shapes.set(spec, shape)
  return shape
}

function detailsOf(uid: string, spec: PodSpec, createdMs: number, cluster: ClusterState): PodDetails {
  const digest = uid.replaceAll('-', '')
  const byte = (index: number) => Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16)
  const node = cluster.nodes.indexOf(String(spec.nodeName))
  return {
    spec,
    hostIp: `10.0.${node >> 8}.${node & 255}`,
    podIp: `10.${64 + (byte(0) & 63)}.${byte(1)}.${byte(2)}`,
    createdMs,
    sinceMs: cluster.nowMs(),
    restarts: 0,
    digest,
  }
}

/** Changes the state of a pod; `restarts` is added to the count of its main container. */
export function setPodState(cluster: ClusterState, pod: ApiObject, state: PodState, restarts = 0): ApiObject {
  const { uid = '', creationTimestamp = '' } = pod.metadata
  const details = detailsOf(uid, pod.spec as PodSpec, Date.parse(creationTimestamp), cluster)
  return change(cluster, 'pods', pod, {
    status: podStatus(state, { ...details, restarts: restartsOf(pod) + restarts }),
  })
}

/** The restart count of the main container. */
export function restartsOf(pod: ApiObject): number {
  const { containerStatuses = [] } = pod.status as { containerStatuses?: readonly { restartCount: number }[] }
  return containerStatuses[0]?.restartCount ?? 0
}

/** Whether the Ready condition is true. */
export function isReady(pod: ApiObject): boolean {
  const { conditions = [] } = pod.status as { conditions?: readonly { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Whether the controller counts the pod: neither terminating nor failed. */
export const isActive = (pod: ApiObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && phaseOf(pod) !== 'Failed'

export const phaseOf = (pod: ApiObject): string => String((pod.status as { phase?: string }).phase)

/** Sets the deletion timestamp, the first half of a graceful deletion. */
export function beginDeletion(cluster: ClusterState, workload: Workload, name: string): void {
  const pod = existing(cluster, 'pods', workload.namespace, name)
  const deletionTimestamp = rfc3339(cluster.nowMs() + 30_000)
  change(cluster, 'pods', pod, { metadata: { deletionTimestamp, deletionGracePeriodSeconds: 30 } })
}

/** Deletes a pod, if it still exists, and removes it from the workload. */
export function removePod(cluster: ClusterState, workload: Workload, name: string): void {
  const { namespace } = workload
  workload.pods.delete(name)
  if (cluster.objects.get('pods', { namespace, name })) cluster.objects.delete('pods', { namespace, name })
}

/** The existing pods of a workload. */
export function podsOf(cluster: ClusterState, { namespace, pods }: Workload): ApiObject[] {
  return [...pods].map((name) => existing(cluster, 'pods', namespace, name))
}
