/** Creates workloads with their pods, and updates their status from the pods. */

import type { ApiObject } from '../api/kinds.ts'
import { rfc3339 } from '../api/object-store.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing, timestampNow } from './cluster-state.ts'
import { managedBy } from './managed-fields.ts'
import { workers } from './node-objects.ts'
import { createPod, isActive, isReady, phaseOf, podsOf } from './pod-objects.ts'
import type { PodState } from './pod-status.ts'
import type { PodTemplate } from './pod-template.ts'
import { updateEndpoints } from './service-objects.ts'

export type WorkloadKind = Workload['kind']

export const apiVersions: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  ReplicationController: 'v1',
}

const plurals: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  ReplicationController: 'replicationcontrollers',
}

export interface NewWorkload {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
  readonly template: PodTemplate
  readonly replicas: number
  readonly hasService: boolean
  readonly createdMs: number
  /** The initial state of its pods. */
  readonly podState?: PodState
  readonly ownerReferences?: readonly unknown[]
}

/** Creates a workload, its ReplicaSet if it has one, and its pods. */
export function createWorkload(cluster: ClusterState, given: NewWorkload): Workload {
  const { kind, namespace, name, template, replicas, hasService, createdMs } = given
  const common = { kind, plural: plurals[kind], namespace, name, template, replicas, hasService }
  const workload: Workload = { ...common, pods: new Set(), revision: 1, replicaSets: [] }
  const createdAt = rfc3339(createdMs)
  const spec = specOf(workload)
  create(cluster, workload.plural, {
    metadata: {
      name,
      namespace,
      generation: 1,
      creationTimestamp: createdAt,
      labels: template.labels,
      annotations: kind === 'Deployment' ? { 'deployment.kubernetes.io/revision': '1' } : {},
      ...(given.ownerReferences ? { ownerReferences: given.ownerReferences } : {}),
      managedFields: [managedBy('kubectl-client-side-apply', createdAt, { spec }, { apiVersion: apiVersions[kind] })],
    },
    spec,
    status: {},
  })
  if (kind === 'Deployment') createReplicaSet(cluster, workload, createdMs)
  for (let index = 0; index < replicas; index++)
    addPod(cluster, workload, given.podState ?? 'running', createdMs, index)
  cluster.workloads.push(workload)
  updateStatus(cluster, workload)
  return workload
}

/** The spec of a workload. */
export function specOf({ kind, name, template, replicas }: Workload): Record<string, unknown> {
  const matchLabels = { 'app.kubernetes.io/name': template.labels['app.kubernetes.io/name'] }
  const pods = { metadata: { labels: template.labels, annotations: template.annotations }, spec: template.spec }
  if (kind === 'Job') return { parallelism: replicas, completions: replicas, backoffLimit: 6, template: pods }
  if (kind === 'ReplicationController') return { replicas, selector: matchLabels, template: pods }
  const common = { selector: { matchLabels }, template: pods, revisionHistoryLimit: 10 }
  const rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%' }
  if (kind === 'Deployment') {
    return { replicas, ...common, strategy: { type: 'RollingUpdate', rollingUpdate }, progressDeadlineSeconds: 600 }
  }
  if (kind === 'DaemonSet') return { ...common, updateStrategy: { type: 'RollingUpdate' } }
  const retention = { whenDeleted: 'Retain', whenScaled: 'Retain' }
  return { replicas, ...common, serviceName: name, persistentVolumeClaimRetentionPolicy: retention }
}

/** Creates a ReplicaSet for the current template of a Deployment. */
export function createReplicaSet(cluster: ClusterState, workload: Workload, createdMs: number): void {
  const { namespace, name, template, replicas, revision } = workload
  const deployment = existing(cluster, 'deployments', namespace, name)
  const hash = `${cluster.random.suffix(9)}`
  const labels = { ...template.labels, 'pod-template-hash': hash }
  const spec = { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: template.spec } }
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: deployment.metadata.uid, controller: true }
  create(cluster, 'replicasets', {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      generation: 1,
      creationTimestamp: rfc3339(createdMs),
      labels,
      annotations: { 'deployment.kubernetes.io/revision': `${revision}` },
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
      managedFields: [managedBy('kube-controller-manager', rfc3339(createdMs), { spec }, { apiVersion: 'apps/v1' })],
    },
    spec,
    status: { replicas: 0 },
  })
  workload.replicaSets.push(`${name}-${hash}`)
}

/** Creates a pod of a workload; `index` is the ordinal in a StatefulSet, or the index of the node for a DaemonSet. */
export function addPod(
  cluster: ClusterState,
  workload: Workload,
  state: PodState,
  createdMs: number,
  index: number,
): ApiObject {
  const { kind, namespace, name, replicaSets } = workload
  const replicaSet = replicaSets.at(-1)
  const owner =
    replicaSet === undefined
      ? existing(cluster, workload.plural, namespace, name)
      : existing(cluster, 'replicasets', namespace, replicaSet)
  const ownName = replicaSet ?? name
  return createPod(cluster, workload, {
    name: kind === 'StatefulSet' ? `${name}-${index}` : `${ownName}-${cluster.random.suffix(5)}`,
    owner,
    ownerType: replicaSet === undefined ? [apiVersions[kind], kind] : ['apps/v1', 'ReplicaSet'],
    node: kind === 'DaemonSet' ? (cluster.nodes[index] as string) : cluster.random.pick(workers(cluster)),
    state,
    createdMs,
    ...(replicaSet === undefined ? {} : { labels: { 'pod-template-hash': replicaSet.slice(name.length + 1) } }),
  })
}

interface Counts {
  readonly all: number
  readonly ready: number
  readonly updated: number
  readonly succeeded: number
  readonly failed: number
}

/** Updates the status of a workload, its ReplicaSets and its service from its pods. */
export function updateStatus(cluster: ClusterState, workload: Workload): void {
  const pods = podsOf(cluster, workload)
  const object = existing(cluster, workload.plural, workload.namespace, workload.name)
  const status = statusOf(cluster, workload, countsOf(workload, pods), object)
  if (JSON.stringify(status) !== JSON.stringify(object.status)) change(cluster, workload.plural, object, { status })
  for (const name of workload.replicaSets) updateReplicaSetStatus(cluster, workload, name, pods)
  if (workload.hasService) updateEndpoints(cluster, workload, pods)
}

function countsOf({ template }: Workload, pods: readonly ApiObject[]): Counts {
  const version = template.labels['app.kubernetes.io/version']
  const isCurrent = ({ metadata }: ApiObject) =>
    (metadata.labels as Record<string, string>)['app.kubernetes.io/version'] === version
  const live = pods.filter(isActive)
  return {
    all: live.length,
    ready: live.filter(isReady).length,
    updated: live.filter(isCurrent).length,
    succeeded: live.filter((pod) => phaseOf(pod) === 'Succeeded').length,
    failed: pods.filter((pod) => phaseOf(pod) === 'Failed').length,
  }
}

function updateReplicaSetStatus(
  cluster: ClusterState,
  { namespace, replicaSets, replicas }: Workload,
  name: string,
  pods: ApiObject[],
) {
  const replicaSet = existing(cluster, 'replicasets', namespace, name)
  const own = pods.filter((pod) => isActive(pod) && pod.metadata.name.startsWith(`${name}-`))
  const readyReplicas = own.filter(isReady).length
  const wanted = name === replicaSets.at(-1) ? replicas : own.length
  const counts = { replicas: own.length, fullyLabeledReplicas: own.length }
  const observedGeneration = Number(replicaSet.metadata.generation)
  const status = { ...counts, readyReplicas, availableReplicas: readyReplicas, observedGeneration }
  const spec = replicaSet.spec as { replicas: number }
  const isScaled = spec.replicas !== wanted
  if (!isScaled && JSON.stringify(status) === JSON.stringify(replicaSet.status)) return
  const seen = { ...status, observedGeneration: observedGeneration + (isScaled ? 1 : 0) }
  change(cluster, 'replicasets', replicaSet, {
    ...(isScaled ? { spec: { ...spec, replicas: wanted } } : {}),
    status: seen,
  })
}

function statusOf(
  cluster: ClusterState,
  workload: Workload,
  counts: Counts,
  object: ApiObject,
): Record<string, unknown> {
  const observedGeneration = Number(object.metadata.generation)
  const { all, ready, updated } = counts
  const { replicas } = workload
  switch (workload.kind) {
    case 'Deployment': {
      const common = { observedGeneration, replicas: all, updatedReplicas: updated, readyReplicas: ready }
      const conditions = deploymentConditions(cluster, ready >= replicas, updated >= replicas, object)
      return { ...common, availableReplicas: ready, unavailableReplicas: Math.max(0, replicas - ready), conditions }
    }
    case 'StatefulSet': {
      const revision = `${workload.name}-${workload.template.labels['app.kubernetes.io/version']}`
      const common = { observedGeneration, replicas: all, readyReplicas: ready, availableReplicas: ready }
      const revisions = { currentRevision: revision, updateRevision: revision, collisionCount: 0 }
      return { ...common, currentReplicas: all, updatedReplicas: updated, ...revisions }
    }
    case 'DaemonSet': {
      const scheduled = { currentNumberScheduled: all, numberMisscheduled: 0, desiredNumberScheduled: replicas }
      const available = { numberAvailable: ready, numberUnavailable: Math.max(0, replicas - ready) }
      return { observedGeneration, ...scheduled, numberReady: ready, updatedNumberScheduled: updated, ...available }
    }
    case 'ReplicationController': {
      const common = { replicas: all, fullyLabeledReplicas: all, readyReplicas: ready, availableReplicas: ready }
      return { ...common, observedGeneration }
    }
    case 'Job':
      return jobStatus(cluster, workload, counts, object)
  }
}

function deploymentConditions(cluster: ClusterState, isAvailable: boolean, isComplete: boolean, { status }: ApiObject) {
  const before = (status as { conditions?: readonly Record<string, string>[] }).conditions ?? []
  const condition = (type: string, value: string, reason: string) => {
    const known = before.find((it) => it.type === type)
    if (known?.status === value && known.reason === reason) return known
    const times = { lastUpdateTime: timestampNow(cluster), lastTransitionTime: timestampNow(cluster) }
    return { type, status: value, reason, message: `the deployment says: ${reason}`, ...times }
  }
  const available = isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable'
  const progress = isComplete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'
  return [condition('Available', isAvailable ? 'True' : 'False', available), condition('Progressing', 'True', progress)]
}

function jobStatus(
  cluster: ClusterState,
  { replicas }: Workload,
  { all, ready, succeeded, failed }: Counts,
  job: ApiObject,
) {
  const { completionTime: known } = job.status as { completionTime?: string }
  const common = { startTime: job.metadata.creationTimestamp, succeeded, failed, ready }
  if (succeeded < replicas) return { ...common, active: all - succeeded, terminating: 0 }
  const completionTime = known ?? timestampNow(cluster)
  const times = { lastProbeTime: completionTime, lastTransitionTime: completionTime }
  const complete = { type: 'Complete', status: 'True', reason: 'CompletionsReached', ...times }
  return { ...common, active: 0, completionTime, conditions: [complete] }
}
