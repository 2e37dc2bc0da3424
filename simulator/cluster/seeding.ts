/** Creates the initial state of the cluster. */

import { createClusterAccess, createNamespaceAccess, createServiceAccount } from './access-objects.ts'
import { createAdmission } from './admission-objects.ts'
import { createCertificate, createSettings } from './app-config-objects.ts'
import type { ClusterState } from './cluster-state.ts'
import { create, existing, secondsAgo } from './cluster-state.ts'
import { createCronJob, createFinishedJob } from './job-objects.ts'
import { namespaceNames, newAppName, newVersion } from './names.ts'
import { createNodes } from './node-objects.ts'
import { claimNameOf } from './pod-objects.ts'
import { createTemplate } from './pod-template.ts'
import { createAutoscaler, createDisruptionBudget, createNamespacePolicies } from './policy-objects.ts'
import { createIngress, createIngressClass, createService } from './service-objects.ts'
import { createClaim, createStorageClasses } from './storage-objects.ts'
import type { WorkloadKind } from './workload-objects.ts'
import { createWorkload } from './workload-objects.ts'

const podsPerNode = 25
const podsPerNamespace = 40
const daySeconds = 86_400

/** Fills an empty cluster with exactly this many pods. Throws for fewer than 30. */
export function seedCluster(cluster: ClusterState, pods: number): void {
  if (pods < 30) throw new Error(`a cluster needs 30 pods at least, not ${pods}`)
  createNodes(cluster, Math.max(3, Math.min(Math.ceil(pods / podsPerNode), Math.floor(pods / 5))))
  createStorageClasses(cluster)
  createIngressClass(cluster)
  createAdmission(cluster)
  createNamespaces(cluster, Math.max(3, Math.ceil(pods / podsPerNamespace)))
  createClusterAccess(cluster)
  createNodeAgents(cluster)
  const taken = new Map(cluster.namespaces.map((namespace) => [namespace, new Set<string>()]))
  let missing = pods - cluster.nodes.length
  for (let index = 0; missing > 0; index++) {
    const namespace = cluster.namespaces[index % cluster.namespaces.length] as string
    const name = newAppName(cluster.random, taken.get(namespace) as Set<string>)
    missing -= createApp(cluster, namespace, name, kindAt(index), missing)
  }
}

function createNamespaces(cluster: ClusterState, count: number): void {
  const own = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
  const names = namespaceNames(count)
  cluster.namespaces.push(...names)
  for (const name of [...own, ...names]) {
    create(cluster, 'namespaces', {
      metadata: {
        name,
        creationTimestamp: secondsAgo(cluster, cluster.random.int(30 * daySeconds, 300 * daySeconds)),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
    createNamespaceAccess(cluster, name)
  }
  for (const name of names) createNamespacePolicies(cluster, name)
}

/** DaemonSets with one pod on each node. */
function createNodeAgents(cluster: ClusterState): void {
  const namespace = 'kube-system'
  const app = 'node-agent'
  createServiceAccount(cluster, namespace, app)
  createSettings(cluster, namespace, app)
  createWorkload(cluster, {
    kind: 'DaemonSet',
    namespace,
    name: app,
    template: createTemplate(cluster.random, {
      app,
      namespace,
      version: '1.36.3',
      component: 'agent',
      isNodeAgent: true,
    }),
    replicas: cluster.nodes.length,
    hasService: false,
    createdMs: cluster.nowMs() - cluster.random.int(1, 20) * daySeconds * 1000,
  })
}

type AppKind = WorkloadKind | 'CronJob'

/** Each kind occurs early, so that small clusters have all of them. */
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

/** Creates an app with all of its objects. Returns the number of its pods. */
function createApp(cluster: ClusterState, namespace: string, name: string, kind: AppKind, mostPods: number): number {
  const { random } = cluster
  const createdMs = cluster.nowMs() - random.int(1, 20 * daySeconds) * 1000
  createSettings(cluster, namespace, name)
  if (kind === 'CronJob') return createCronJob(cluster, namespace, name, createdMs)
  if (kind === 'Job') return createFinishedJob(cluster, namespace, name, Math.min(mostPods, 2), createdMs)
  const replicas = Math.min(mostPods, kind === 'Deployment' ? random.int(1, 8) : random.int(1, 3))
  const isStateful = kind === 'StatefulSet'
  const options = { app: name, namespace, version: newVersion(random), component: kind.toLowerCase() }
  const type = !isStateful && random.chance(0.1) ? 'LoadBalancer' : 'ClusterIP'
  createService(cluster, namespace, name, { isHeadless: isStateful, type })
  const template = createTemplate(random, { ...options, hasClaims: isStateful })
  const workload = createWorkload(cluster, { kind, namespace, name, template, replicas, hasService: true, createdMs })
  if (isStateful) createClaims(cluster, namespace, workload.pods)
  else createAppObjects(cluster, namespace, name, kind)
  if (replicas > 1 || isEarly(cluster)) createDisruptionBudget(cluster, workload)
  if (kind === 'Deployment' && (isEarly(cluster) || random.chance(0.4))) createAutoscaler(cluster, workload)
  return replicas
}

/** The first apps have all kinds of objects, so that small clusters have all kinds. */
const isEarly = (cluster: ClusterState): boolean => cluster.workloads.length < 4

function createClaims(cluster: ClusterState, namespace: string, pods: ReadonlySet<string>): void {
  for (const pod of pods) {
    const { nodeName } = existing(cluster, 'pods', namespace, pod).spec as { nodeName: string }
    createClaim(cluster, namespace, claimNameOf(pod), nodeName, pod.endsWith('-2'))
  }
}

function createAppObjects(cluster: ClusterState, namespace: string, name: string, kind: AppKind): void {
  if (kind !== 'Deployment' || !(isEarly(cluster) || cluster.random.chance(0.6))) return
  createIngress(cluster, namespace, name)
  createCertificate(cluster, namespace, name)
}
