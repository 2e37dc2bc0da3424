/** Owns the pods of the living cluster: how one is made, comes into another state and goes. */

import type { ApiObject } from '../api/kinds.ts'
import { rfc3339 } from '../api/object-store.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing, ownerReference } from './cluster-state.ts'
import { managedBy } from './managed-fields.ts'
import type { PodFacts, PodState } from './pod-status.ts'
import { podStatus } from './pod-status.ts'
import type { PodSpec } from './pod-template.ts'

export interface NewPod {
  readonly name: string
  /** Who controls it: the replica set, job, … */
  readonly owner: ApiObject
  readonly ownerType: readonly [apiVersion: string, kind: string]
  readonly node: string
  readonly state: PodState
  readonly createdMs: number
  readonly labels?: Readonly<Record<string, string>>
}

/** Makes a pod of the workload's template and counts it among its pods. */
export function createPod(cluster: ClusterState, workload: Workload, pod: NewPod): ApiObject {
  const { template, namespace } = workload
  const { name, owner, ownerType, node, state, createdMs } = pod
  const uid = cluster.random.uid()
  const spec = { ...specOf(workload, name), nodeName: node }
  const facts = { ...factsOf(uid, spec, createdMs, cluster), sinceMs: createdMs + 5000 }
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
    status: podStatus(state, facts),
  })
}

/** A stateful pod has claims of its own. */
function specOf({ kind, template }: Workload, name: string): PodSpec {
  if (kind !== 'StatefulSet') return template.spec
  const volumes = template.spec.volumes.map((volume) =>
    volume.persistentVolumeClaim ? { ...volume, persistentVolumeClaim: { claimName: claimNameOf(name) } } : volume,
  )
  return { ...template.spec, volumes, hostname: name }
}

/** The claim of a stateful pod. */
export const claimNameOf = (pod: string): string => `data-${pod}`

const shapes = new WeakMap<PodSpec, Record<string, unknown>>()

/** A status as the kubelet's managed fields describe it, shared by all pods of a template. */
function statusShape(spec: PodSpec): Record<string, unknown> {
  const known = shapes.get(spec)
  if (known) return known
  const facts = { spec, hostIp: '', podIp: '', createdMs: 0, sinceMs: 0, restarts: 1, digest: '0' }
  const shape = podStatus('running', facts)
  shapes.set(spec, shape)
  return shape
}

function factsOf(uid: string, spec: PodSpec, createdMs: number, cluster: ClusterState): PodFacts {
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

/** Brings a pod into a state; `restarts` are added to its main container's. */
export function setPodState(cluster: ClusterState, pod: ApiObject, state: PodState, restarts = 0): ApiObject {
  const { uid = '', creationTimestamp = '' } = pod.metadata
  const facts = factsOf(uid, pod.spec as PodSpec, Date.parse(creationTimestamp), cluster)
  return change(cluster, 'pods', pod, { status: podStatus(state, { ...facts, restarts: restartsOf(pod) + restarts }) })
}

/** How often the main container of a pod has been restarted. */
export function restartsOf(pod: ApiObject): number {
  const { containerStatuses = [] } = pod.status as { containerStatuses?: readonly { restartCount: number }[] }
  return containerStatuses[0]?.restartCount ?? 0
}

/** Whether its Ready condition holds. */
export function isReady(pod: ApiObject): boolean {
  const { conditions = [] } = pod.status as { conditions?: readonly { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Whether its controller counts it: neither being deleted nor failed. */
export const isActive = (pod: ApiObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && phaseOf(pod) !== 'Failed'

export const phaseOf = (pod: ApiObject): string => String((pod.status as { phase?: string }).phase)

/** Marks a pod as being deleted, as the first half of a graceful deletion. */
export function beginDeletion(cluster: ClusterState, workload: Workload, name: string): void {
  const pod = existing(cluster, 'pods', workload.namespace, name)
  const deletionTimestamp = rfc3339(cluster.nowMs() + 30_000)
  change(cluster, 'pods', pod, { metadata: { deletionTimestamp, deletionGracePeriodSeconds: 30 } })
}

/** Removes a pod, which may be gone already, and forgets it. */
export function removePod(cluster: ClusterState, workload: Workload, name: string): void {
  const { namespace } = workload
  workload.pods.delete(name)
  if (cluster.objects.get('pods', { namespace, name })) cluster.objects.delete('pods', { namespace, name })
}

/** The pods of a workload that exist. */
export function podsOf(cluster: ClusterState, { namespace, pods }: Workload): ApiObject[] {
  return [...pods].map((name) => existing(cluster, 'pods', namespace, name))
}
