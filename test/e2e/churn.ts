/** Load of the test cluster: nodes, Deployments, and seeded rollouts, scalings, deletions and recreations. */

import type { KubeClient } from './kube-client.ts'

export interface Size {
  /** The namespaces are the prefix and a number; `churn` by default. */
  readonly prefix?: string
  readonly namespaces: number
  readonly deploymentsPerNamespace: number
  readonly replicas: number
  readonly nodes: number
}

/** The namespace with this number. */
export const namespaceOf = ({ prefix = 'churn' }: Pick<Size, 'prefix'>, i: number) => `${prefix}-${i}`
const deploymentOf = (i: number) => `app-${i}`
const pathOf = (namespace: string, name = '') =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`.replace(/\/$/, '')

function nodeObject(i: number) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${i}`,
      labels: { 'kubernetes.io/hostname': `node-${i}`, 'node-role.kubernetes.io/agent': '' },
    },
    status: {
      allocatable: { cpu: '64', memory: '256Gi', pods: '500' },
      capacity: { cpu: '64', memory: '256Gi', pods: '500' },
    },
  }
}

export function deploymentObject(name: string, replicas: number, version: number) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: '50%', maxUnavailable: '50%' } },
      template: {
        metadata: { labels, annotations: { version: String(version) } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'web',
              image: `registry.example/web:${version}`,
              resources: { requests: { cpu: '10m', memory: '16Mi' } },
            },
          ],
        },
      },
    },
  }
}

/** Creates nodes, namespaces and Deployments; their pods follow. */
export async function populate(client: KubeClient, size: Size): Promise<void> {
  for (let i = 0; i < size.nodes; i++) await client.create('/api/v1/nodes', nodeObject(i))
  for (let n = 0; n < size.namespaces; n++) {
    const namespace = namespaceOf(size, n)
    await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const names = Array.from({ length: size.deploymentsPerNamespace }, (_, d) => deploymentOf(d))
    await Promise.all(names.map((name) => client.create(pathOf(namespace), deploymentObject(name, size.replicas, 0))))
  }
}

/** A seeded generator of integers below a bound. */
export function createDice(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x100000000) * below)
  }
}

const operations = ['rollout', 'scale', 'recreate', 'delete', 'deletePods', 'label'] as const
export type Operation = (typeof operations)[number]

/** Makes seeded changes, one at a time, until the signal aborts; returns the number of each. */
export async function churn(client: KubeClient, size: Size, seed: number, pauseMs: number, signal: AbortSignal) {
  const dice = createDice(seed)
  const counts: Record<Operation, number> = { rollout: 0, scale: 0, recreate: 0, delete: 0, deletePods: 0, label: 0 }
  for (let version = 1; !signal.aborted; version++) {
    const operation = operations[dice(operations.length)] as Operation
    const namespace = namespaceOf(size, dice(size.namespaces))
    const name = deploymentOf(dice(size.deploymentsPerNamespace))
    const replicas = 1 + dice(2 * size.replicas)
    await apply(client, { operation, namespace, name, replicas, version })
    counts[operation]++
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return counts
}

interface Change {
  readonly operation: Operation
  readonly namespace: string
  readonly name: string
  readonly replicas: number
  readonly version: number
}

async function apply(client: KubeClient, { operation, namespace, name, replicas, version }: Change): Promise<void> {
  const path = pathOf(namespace, name)
  const create = () => client.create(pathOf(namespace), deploymentObject(name, replicas, version))
  /** The next change to a deleted Deployment creates it again, so the cluster keeps its size. */
  const patch = async (change: object) => {
    const { status } = await client.patch(path, change)
    if (status === 404) await create()
  }
  switch (operation) {
    case 'rollout':
      return patch({ spec: { template: { metadata: { annotations: { version: String(version) } } } } })
    case 'scale':
      return patch({ spec: { replicas } })
    case 'label':
      return patch({ metadata: { labels: { version: String(version) } } })
    case 'recreate':
      await client.delete(path, { propagationPolicy: 'Background' })
      await create()
      return
    case 'delete':
      await client.delete(path, { propagationPolicy: 'Background' })
      return
    default:
      await client.delete(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}&gracePeriodSeconds=0`)
  }
}
