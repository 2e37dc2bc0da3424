/** Random changes in the simulated cluster, one at a time: rollouts, crashes, scaling, node failures and others. */

import type { ApiObject } from '../api/kinds.ts'
import { changeSettings } from './app-config-objects.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing } from './cluster-state.ts'
import { startCronJob } from './job-objects.ts'
import { newVersion } from './names.ts'
import { renewLease, setNodeReady, workers } from './node-objects.ts'
import { beginDeletion, createPod, isActive, isReady, podsOf, removePod, setPodState } from './pod-objects.ts'
import { withVersion } from './pod-template.ts'
import { addPod, apiVersions, createReplicaSet, specOf, updateStatus } from './workload-objects.ts'

/** A kind of change; returns false if the cluster has no object to apply it to. */
type Change = (cluster: ClusterState) => boolean

/** The relative frequencies of the changes. */
const changes: readonly (readonly [weight: number, change: Change])[] = [
  [20, renewSomeLease],
  [14, crash],
  [12, scale],
  [10, rollOut],
  [10, replacePod],
  [10, changeSomeSettings],
  [8, startCronJob],
  [8, recreate],
  [4, failNode],
  [4, evict],
]
const totalWeight = changes.reduce((sum, [weight]) => sum + weight, 0)

/** Applies one random change. Renewing a lease is always possible. */
export function applyRandomChange(cluster: ClusterState): void {
  let rest = cluster.random.fraction() * totalWeight
  const chosen = changes.find(([weight]) => {
    rest -= weight
    return rest < 0
  })
  if (!chosen?.[1](cluster)) renewSomeLease(cluster)
}

const scalable = ({ kind }: Workload) => kind === 'Deployment' || kind === 'ReplicationController'
const lasting = ({ kind }: Workload) => kind !== 'Job'

function pickWorkload(cluster: ClusterState, allowed: (workload: Workload) => boolean): Workload | undefined {
  const candidates = cluster.workloads.filter(allowed)
  return candidates.length === 0 ? undefined : cluster.random.pick(candidates)
}

function pickReadyPod(
  cluster: ClusterState,
  allowed: (workload: Workload) => boolean,
): [Workload, ApiObject] | undefined {
  const workload = pickWorkload(cluster, allowed)
  if (!workload) return undefined
  const pods = podsOf(cluster, workload).filter((pod) => isReady(pod) && isActive(pod))
  return pods.length === 0 ? undefined : [workload, cluster.random.pick(pods)]
}

/** The current version of a pod; undefined if it was deleted, or replaced by another with the same name. */
function currentPod(cluster: ClusterState, { metadata }: ApiObject): ApiObject | undefined {
  const { namespace = '', name, uid } = metadata
  const pod = cluster.objects.get('pods', { namespace, name })
  return pod?.metadata.uid === uid ? pod : undefined
}

function renewSomeLease(cluster: ClusterState): boolean {
  renewLease(cluster, cluster.random.pick(cluster.nodes))
  return true
}

function changeSomeSettings(cluster: ClusterState): boolean {
  const workload = pickWorkload(cluster, lasting)
  if (workload) changeSettings(cluster, workload.namespace, workload.name)
  return workload !== undefined
}

/** A container crashes, is restarted, backs off, and recovers some steps later. */
function crash(cluster: ClusterState): boolean {
  const picked = pickReadyPod(cluster, lasting)
  if (!picked) return false
  const [workload, pod] = picked
  setPodState(cluster, pod, 'crashing', 1)
  updateStatus(cluster, workload)
  const enterState = (state: 'crashing' | 'running', restarts: number) => () => {
    const crashed = currentPod(cluster, pod)
    if (!crashed) return
    setPodState(cluster, crashed, state, restarts)
    updateStatus(cluster, workload)
  }
  cluster.later(4, enterState('crashing', 1))
  cluster.later(8, enterState('running', 1))
  return true
}

/** Adds a pod that is waiting first and running in a later step. */
function startPod(cluster: ClusterState, workload: Workload, index: number): void {
  const pod = addPod(cluster, workload, 'waiting', cluster.nowMs(), index)
  cluster.later(2, () => {
    const started = currentPod(cluster, pod)
    if (!started) return
    setPodState(cluster, started, 'running')
    updateStatus(cluster, workload)
  })
}

/** Deletes a pod gracefully: first marked, then removed, and replaced if wanted. */
function endPod(cluster: ClusterState, workload: Workload, pod: ApiObject, isReplaced: boolean): void {
  const { name } = pod.metadata
  beginDeletion(cluster, workload, name)
  updateStatus(cluster, workload)
  const ordinal = workload.kind === 'StatefulSet' ? Number(name.slice(workload.name.length + 1)) : 0
  const index =
    workload.kind === 'DaemonSet' ? cluster.nodes.indexOf(String((pod.spec as ApiObject).nodeName)) : ordinal
  cluster.later(1, () => {
    if (!currentPod(cluster, pod)) return
    removePod(cluster, workload, name)
    if (isReplaced) startPod(cluster, workload, index)
    updateStatus(cluster, workload)
  })
}

/** Deletes a pod, which is replaced; in a StatefulSet under the same name. */
function replacePod(cluster: ClusterState): boolean {
  const picked = pickReadyPod(cluster, lasting)
  if (picked) endPod(cluster, ...picked, true)
  return picked !== undefined
}

function scale(cluster: ClusterState): boolean {
  const workload = pickWorkload(cluster, scalable)
  if (!workload) return false
  const live = podsOf(cluster, workload).filter(isActive)
  const isUp = live.length <= 1 || (live.length < 12 && cluster.random.chance(0.5))
  workload.replicas = live.length + (isUp ? 1 : -1)
  const object = existing(cluster, workload.plural, workload.namespace, workload.name)
  change(cluster, workload.plural, object, { spec: specOf(workload) })
  if (isUp) startPod(cluster, workload, 0)
  else endPod(cluster, workload, cluster.random.pick(live), false)
  updateStatus(cluster, workload)
  return true
}

const keptReplicaSets = 3

/** Rolls out a new version: a new ReplicaSet, and the old pods are replaced one by one. */
function rollOut(cluster: ClusterState): boolean {
  const workload = pickWorkload(cluster, ({ kind }) => kind === 'Deployment')
  if (!workload) return false
  workload.revision++
  workload.template = withVersion(workload.template, newVersion(cluster.random))
  const { namespace, name, revision } = workload
  const deployment = existing(cluster, 'deployments', namespace, name)
  const annotations = { 'deployment.kubernetes.io/revision': `${revision}` }
  change(cluster, 'deployments', deployment, { metadata: { annotations }, spec: specOf(workload) })
  const old = podsOf(cluster, workload).filter(isActive)
  createReplicaSet(cluster, workload, cluster.nowMs())
  updateStatus(cluster, workload)
  dropOldReplicaSets(cluster, workload)
  old.forEach((pod, index) => {
    cluster.later(1 + index, () => {
      if (currentPod(cluster, pod)) endPod(cluster, workload, pod, true)
    })
  })
  return true
}

function dropOldReplicaSets(cluster: ClusterState, workload: Workload): void {
  const isEmpty = (name: string) => ![...workload.pods].some((pod) => pod.startsWith(`${name}-`))
  const surplus = workload.replicaSets.slice(0, -keptReplicaSets).filter(isEmpty)
  for (const name of surplus) cluster.objects.delete('replicasets', { namespace: workload.namespace, name })
  workload.replicaSets = workload.replicaSets.filter((name) => !surplus.includes(name))
}

/** A node with its pods becomes unreachable, and recovers some steps later. */
function failNode(cluster: ClusterState): boolean {
  const node = cluster.random.pick(workers(cluster))
  if ((existing(cluster, 'nodes', '', node).spec as { taints?: unknown }).taints !== undefined) return false
  const affected = cluster.workloads.filter(lasting)
  const setReady = (isReady: boolean) => {
    setNodeReady(cluster, node, isReady)
    for (const workload of affected) setPodsReachable(cluster, workload, node, isReady)
  }
  setReady(false)
  cluster.later(10, () => setReady(true))
  return true
}

function setPodsReachable(cluster: ClusterState, workload: Workload, node: string, isBack: boolean): void {
  const pods = podsOf(cluster, workload).filter((pod) => (pod.spec as { nodeName: string }).nodeName === node)
  const affected = pods.filter((pod) => (isBack ? isLost(pod) : isReady(pod)))
  for (const pod of affected) setPodState(cluster, pod, isBack ? 'running' : 'unreachable')
  if (affected.length > 0) updateStatus(cluster, workload)
}

const isLost = ({ status }: ApiObject) => (status as { reason?: string }).reason === 'NodeLost'

/** Evicts a pod, which remains as failed for some steps; another one replaces it. */
function evict(cluster: ClusterState): boolean {
  const picked = pickReadyPod(cluster, scalable)
  if (!picked) return false
  const [workload, pod] = picked
  setPodState(cluster, pod, 'evicted')
  startPod(cluster, workload, 0)
  updateStatus(cluster, workload)
  cluster.later(12, () => {
    if (!currentPod(cluster, pod)) return
    removePod(cluster, workload, pod.metadata.name)
    updateStatus(cluster, workload)
  })
  return true
}

/** Deletes a workload and creates it again in the next step under the same name: another UID, the same series. */
function recreate(cluster: ClusterState): boolean {
  const workload = pickWorkload(cluster, ({ kind }) => kind === 'ReplicationController' || kind === 'StatefulSet')
  if (!workload) return false
  const { namespace, name, plural, kind } = workload
  const { metadata, spec, status } = existing(cluster, plural, namespace, name)
  const pods = podsOf(cluster, workload)
  for (const pod of pods) removePod(cluster, workload, pod.metadata.name)
  cluster.objects.delete(plural, { namespace, name })
  cluster.workloads.splice(cluster.workloads.indexOf(workload), 1)
  cluster.later(1, () => {
    const { uid, creationTimestamp, resourceVersion, ...kept } = metadata
    const object = create(cluster, plural, { metadata: kept, spec, status })
    for (const pod of pods) {
      createPod(cluster, workload, {
        name: pod.metadata.name,
        owner: object,
        ownerType: [apiVersions[kind], kind],
        node: cluster.random.pick(workers(cluster)),
        state: 'running',
        createdMs: cluster.nowMs(),
      })
    }
    cluster.workloads.push(workload)
    updateStatus(cluster, workload)
  })
  return true
}
