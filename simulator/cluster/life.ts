/** Owns what happens in a living cluster: rollouts, crashes, scaling, node trouble and the rest, one change at a time. */

import type { ApiObject } from '../api/kinds.ts'
import { startCronJob } from './jobs.ts'
import { newVersion } from './names.ts'
import { renewLease, setNodeReady, workers } from './nodes.ts'
import { withVersion } from './pod-template.ts'
import { beginDeletion, createPod, isActive, isReady, podsOf, removePod, setPodState } from './pods.ts'
import { changeSettings } from './settings.ts'
import { addPod, apiVersions, createReplicaSet, follow, specOf } from './workloads.ts'
import type { Workload, World } from './world.ts'
import { change, create, existing } from './world.ts'

/** Something that can happen; false when the cluster has nothing that it could happen to. */
type Happening = (world: World) => boolean

/** What happens how often, relative to each other. */
const happenings: readonly (readonly [weight: number, happening: Happening])[] = [
  [20, renewSomeLease],
  [14, crash],
  [12, scale],
  [10, rollOut],
  [10, replacePod],
  [10, changeSomeSettings],
  [8, startCronJob],
  [8, recreate],
  [4, loseNode],
  [4, evict],
]
const totalWeight = happenings.reduce((sum, [weight]) => sum + weight, 0)

/** Lets one thing happen. Something always can: leases are renewed. */
export function happen(world: World): void {
  let rest = world.random.fraction() * totalWeight
  const chosen = happenings.find(([weight]) => {
    rest -= weight
    return rest < 0
  })
  if (!chosen?.[1](world)) renewSomeLease(world)
}

const scalable = ({ kind }: Workload) => kind === 'Deployment' || kind === 'ReplicationController'
const lasting = ({ kind }: Workload) => kind !== 'Job'

function pickWorkload(world: World, allowed: (workload: Workload) => boolean): Workload | undefined {
  const candidates = world.workloads.filter(allowed)
  return candidates.length === 0 ? undefined : world.random.pick(candidates)
}

function pickReadyPod(world: World, allowed: (workload: Workload) => boolean): [Workload, ApiObject] | undefined {
  const workload = pickWorkload(world, allowed)
  if (!workload) return undefined
  const pods = podsOf(world, workload).filter((pod) => isReady(pod) && isActive(pod))
  return pods.length === 0 ? undefined : [workload, world.random.pick(pods)]
}

/** The pod by that name, undefined when it has gone or another has its name. */
function samePod(world: World, { metadata }: ApiObject): ApiObject | undefined {
  const { namespace = '', name, uid } = metadata
  const pod = world.objects.get('pods', { namespace, name })
  return pod?.metadata.uid === uid ? pod : undefined
}

function renewSomeLease(world: World): boolean {
  renewLease(world, world.random.pick(world.nodes))
  return true
}

function changeSomeSettings(world: World): boolean {
  const workload = pickWorkload(world, lasting)
  if (workload) changeSettings(world, workload.namespace, workload.name)
  return workload !== undefined
}

/** A container fails, is restarted, backs off, and recovers some steps later. */
function crash(world: World): boolean {
  const picked = pickReadyPod(world, lasting)
  if (!picked) return false
  const [workload, pod] = picked
  setPodState(world, pod, 'crashing', 1)
  follow(world, workload)
  const comeIntoState = (state: 'crashing' | 'running', restarts: number) => () => {
    const crashed = samePod(world, pod)
    if (!crashed) return
    setPodState(world, crashed, state, restarts)
    follow(world, workload)
  }
  world.later(4, comeIntoState('crashing', 1))
  world.later(8, comeIntoState('running', 1))
  return true
}

/** Adds a pod that waits and then runs. */
function startPod(world: World, workload: Workload, index: number): void {
  const pod = addPod(world, workload, 'waiting', world.nowMs(), index)
  world.later(2, () => {
    const started = samePod(world, pod)
    if (!started) return
    setPodState(world, started, 'running')
    follow(world, workload)
  })
}

/** A pod is deleted as kubectl does: first marked, then gone, and another takes its place. */
function endPod(world: World, workload: Workload, pod: ApiObject, isReplaced: boolean): void {
  const { name } = pod.metadata
  beginDeletion(world, workload, name)
  follow(world, workload)
  const ordinal = workload.kind === 'StatefulSet' ? Number(name.slice(workload.name.length + 1)) : 0
  const index = workload.kind === 'DaemonSet' ? world.nodes.indexOf(String((pod.spec as ApiObject).nodeName)) : ordinal
  world.later(1, () => {
    if (!samePod(world, pod)) return
    removePod(world, workload, name)
    if (isReplaced) startPod(world, workload, index)
    follow(world, workload)
  })
}

/** A pod is deleted by hand; a stateful one comes back under the same name. */
function replacePod(world: World): boolean {
  const picked = pickReadyPod(world, lasting)
  if (picked) endPod(world, ...picked, true)
  return picked !== undefined
}

function scale(world: World): boolean {
  const workload = pickWorkload(world, scalable)
  if (!workload) return false
  const live = podsOf(world, workload).filter(isActive)
  const isUp = live.length <= 1 || (live.length < 12 && world.random.chance(0.5))
  workload.replicas = live.length + (isUp ? 1 : -1)
  const object = existing(world, workload.plural, workload.namespace, workload.name)
  change(world, workload.plural, object, { spec: specOf(workload) })
  if (isUp) startPod(world, workload, 0)
  else endPod(world, workload, world.random.pick(live), false)
  follow(world, workload)
  return true
}

const keptReplicaSets = 3

/** A new version: a new replica set, and one old pod after the other is replaced. */
function rollOut(world: World): boolean {
  const workload = pickWorkload(world, ({ kind }) => kind === 'Deployment')
  if (!workload) return false
  workload.revision++
  workload.template = withVersion(workload.template, newVersion(world.random))
  const { namespace, name, revision } = workload
  const deployment = existing(world, 'deployments', namespace, name)
  const annotations = { 'deployment.kubernetes.io/revision': `${revision}` }
  change(world, 'deployments', deployment, { metadata: { annotations }, spec: specOf(workload) })
  const old = podsOf(world, workload).filter(isActive)
  createReplicaSet(world, workload, world.nowMs())
  follow(world, workload)
  dropOldReplicaSets(world, workload)
  old.forEach((pod, index) => {
    world.later(1 + index, () => {
      if (samePod(world, pod)) endPod(world, workload, pod, true)
    })
  })
  return true
}

function dropOldReplicaSets(world: World, workload: Workload): void {
  const isEmpty = (name: string) => ![...workload.pods].some((pod) => pod.startsWith(`${name}-`))
  const surplus = workload.replicaSets.slice(0, -keptReplicaSets).filter(isEmpty)
  for (const name of surplus) world.objects.delete('replicasets', { namespace: workload.namespace, name })
  workload.replicaSets = workload.replicaSets.filter((name) => !surplus.includes(name))
}

/** A node falls silent with its pods, and comes back some steps later. */
function loseNode(world: World): boolean {
  const node = world.random.pick(workers(world))
  if ((existing(world, 'nodes', '', node).spec as { taints?: unknown }).taints !== undefined) return false
  const affected = world.workloads.filter(lasting)
  const turn = (isReady: boolean) => {
    setNodeReady(world, node, isReady)
    for (const workload of affected) turnPods(world, workload, node, isReady)
  }
  turn(false)
  world.later(10, () => turn(true))
  return true
}

function turnPods(world: World, workload: Workload, node: string, isBack: boolean): void {
  const pods = podsOf(world, workload).filter((pod) => (pod.spec as { nodeName: string }).nodeName === node)
  const turned = pods.filter((pod) => (isBack ? isLost(pod) : isReady(pod)))
  for (const pod of turned) setPodState(world, pod, isBack ? 'running' : 'unreachable')
  if (turned.length > 0) follow(world, workload)
}

const isLost = ({ status }: ApiObject) => (status as { reason?: string }).reason === 'NodeLost'

/** A pod is evicted and stays as failed for some steps; another runs for it. */
function evict(world: World): boolean {
  const picked = pickReadyPod(world, scalable)
  if (!picked) return false
  const [workload, pod] = picked
  setPodState(world, pod, 'evicted')
  startPod(world, workload, 0)
  follow(world, workload)
  world.later(12, () => {
    if (!samePod(world, pod)) return
    removePod(world, workload, pod.metadata.name)
    follow(world, workload)
  })
  return true
}

/** An app is deleted and, in the next step, made again under the same name: another uid, the same series. */
function recreate(world: World): boolean {
  const workload = pickWorkload(world, ({ kind }) => kind === 'ReplicationController' || kind === 'StatefulSet')
  if (!workload) return false
  const { namespace, name, plural, kind } = workload
  const { metadata, spec, status } = existing(world, plural, namespace, name)
  const pods = podsOf(world, workload)
  for (const pod of pods) removePod(world, workload, pod.metadata.name)
  world.objects.delete(plural, { namespace, name })
  world.workloads.splice(world.workloads.indexOf(workload), 1)
  world.later(1, () => {
    const { uid, creationTimestamp, resourceVersion, ...kept } = metadata
    const object = create(world, plural, { metadata: kept, spec, status })
    for (const pod of pods) {
      createPod(world, workload, {
        name: pod.metadata.name,
        owner: object,
        ownerType: [apiVersions[kind], kind],
        node: world.random.pick(workers(world)),
        state: 'running',
        createdMs: world.nowMs(),
      })
    }
    world.workloads.push(workload)
    follow(world, workload)
  })
  return true
}
