/** Owns the first state of the cluster: how many of what there are, and that they fit together. */

import { createClusterAccess, createNamespaceAccess, createServiceAccount } from './access.ts'
import { createAdmission } from './admission.ts'
import { createCronJob, createFinishedJob } from './jobs.ts'
import { namespaceNames, newAppName, newVersion } from './names.ts'
import { createNodes } from './nodes.ts'
import { createTemplate } from './pod-template.ts'
import { claimNameOf } from './pods.ts'
import { createAutoscaler, createDisruptionBudget, createNamespacePolicies } from './policies.ts'
import { createIngress, createIngressClass, createService } from './services.ts'
import { createCertificate, createSettings } from './settings.ts'
import { createClaim, createStorageClasses } from './storage.ts'
import type { WorkloadKind } from './workloads.ts'
import { createWorkload } from './workloads.ts'
import type { World } from './world.ts'
import { ago, create, existing } from './world.ts'

const podsPerNode = 25
const podsPerNamespace = 40
const daySeconds = 86_400

/** Fills an empty cluster with exactly so many pods, at least 30. Throws for fewer. */
export function seedCluster(world: World, pods: number): void {
  if (pods < 30) throw new Error(`a cluster needs 30 pods at least, not ${pods}`)
  createNodes(world, Math.max(3, Math.min(Math.ceil(pods / podsPerNode), Math.floor(pods / 5))))
  createStorageClasses(world)
  createIngressClass(world)
  createAdmission(world)
  createNamespaces(world, Math.max(3, Math.ceil(pods / podsPerNamespace)))
  createClusterAccess(world)
  createNodeAgents(world)
  const taken = new Map(world.namespaces.map((namespace) => [namespace, new Set<string>()]))
  let missing = pods - world.nodes.length
  for (let index = 0; missing > 0; index++) {
    const namespace = world.namespaces[index % world.namespaces.length] as string
    const name = newAppName(world.random, taken.get(namespace) as Set<string>)
    missing -= createApp(world, namespace, name, kindAt(index), missing)
  }
}

function createNamespaces(world: World, count: number): void {
  const own = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
  const names = namespaceNames(count)
  world.namespaces.push(...names)
  for (const name of [...own, ...names]) {
    create(world, 'namespaces', {
      metadata: {
        name,
        creationTimestamp: ago(world, world.random.int(30 * daySeconds, 300 * daySeconds)),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
    createNamespaceAccess(world, name)
  }
  for (const name of names) createNamespacePolicies(world, name)
}

/** One agent on each node. */
function createNodeAgents(world: World): void {
  const namespace = 'kube-system'
  const app = 'node-agent'
  createServiceAccount(world, namespace, app)
  createSettings(world, namespace, app)
  createWorkload(world, {
    kind: 'DaemonSet',
    namespace,
    name: app,
    template: createTemplate(world.random, {
      app,
      namespace,
      version: '1.36.3',
      component: 'agent',
      isNodeAgent: true,
    }),
    replicas: world.nodes.length,
    hasService: false,
    createdMs: world.nowMs() - world.random.int(1, 20) * daySeconds * 1000,
  })
}

type AppKind = WorkloadKind | 'CronJob'

/** Every kind comes early, so that small clusters have all of them. */
const kinds: readonly AppKind[] = [
  'Deployment',
  'StatefulSet',
  'Job',
  'CronJob',
  'Deployment',
  'ReplicationController',
  'Deployment',
  'Deployment',
  'Deployment',
  'Deployment',
]

const kindAt = (index: number): AppKind => kinds[index % kinds.length] as AppKind

/** Makes an app with all that belongs to it; how many pods it has. */
function createApp(world: World, namespace: string, name: string, kind: AppKind, mostPods: number): number {
  const { random } = world
  const createdMs = world.nowMs() - random.int(1, 20 * daySeconds) * 1000
  createSettings(world, namespace, name)
  if (kind === 'CronJob') return createCronJob(world, namespace, name, createdMs)
  if (kind === 'Job') return createFinishedJob(world, namespace, name, Math.min(mostPods, 2), createdMs)
  const replicas = Math.min(mostPods, kind === 'Deployment' ? random.int(1, 8) : random.int(1, 3))
  const isStateful = kind === 'StatefulSet'
  const options = { app: name, namespace, version: newVersion(random), component: kind.toLowerCase() }
  const type = !isStateful && random.chance(0.1) ? 'LoadBalancer' : 'ClusterIP'
  createService(world, namespace, name, { isHeadless: isStateful, type })
  const template = createTemplate(random, { ...options, hasClaims: isStateful })
  const workload = createWorkload(world, { kind, namespace, name, template, replicas, hasService: true, createdMs })
  if (isStateful) createClaims(world, namespace, workload.pods)
  else createSurroundings(world, namespace, name, kind)
  if (replicas > 1 || isEarly(world)) createDisruptionBudget(world, workload)
  if (kind === 'Deployment' && (isEarly(world) || random.chance(0.4))) createAutoscaler(world, workload)
  return replicas
}

/** The first apps have everything, so that small clusters have all kinds. */
const isEarly = (world: World): boolean => world.workloads.length < 4

function createClaims(world: World, namespace: string, pods: ReadonlySet<string>): void {
  for (const pod of pods) {
    const { nodeName } = existing(world, 'pods', namespace, pod).spec as { nodeName: string }
    createClaim(world, namespace, claimNameOf(pod), nodeName, pod.endsWith('-2'))
  }
}

function createSurroundings(world: World, namespace: string, name: string, kind: AppKind): void {
  if (kind !== 'Deployment' || !(isEarly(world) || world.random.chance(0.6))) return
  createIngress(world, namespace, name)
  createCertificate(world, namespace, name)
}
