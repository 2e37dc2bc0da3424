/** Whether the controllers have nothing left to do after a churn, so that nothing changes while one process follows another. */

import type { KubeClient } from '../kube-client.ts'
import { waitFor } from '../peers.ts'

interface Item {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly deletionTimestamp?: string
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
  readonly spec: { readonly replicas?: number }
  readonly status: { readonly phase?: string; readonly replicas?: number; readonly readyReplicas?: number }
}

/** Long enough for a busy machine. */
const settleMs = 300_000

/** Waits until Deployments, their ReplicaSets and pods agree: nothing is missing, ending or without its owner. */
export async function untilSettled(client: KubeClient, namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    let last: readonly string[] = []
    const isSettled = async () => {
      last = await findUnsettled(client, namespace)
      return last.length === 0 || undefined
    }
    await waitFor(`settled Deployments in ${namespace}`, isSettled, settleMs).catch((error: Error) => {
      throw new Error(`${error.message}: ${last.slice(0, 5).join(', ')}`)
    })
  }
}

async function findUnsettled(client: KubeClient, namespace: string): Promise<readonly string[]> {
  const list = async (root: string, plural: string) => {
    const { body } = await client.get(`${root}/namespaces/${namespace}/${plural}`)
    return (body as { items: Item[] }).items
  }
  const deployments = await list('/apis/apps/v1', 'deployments')
  const replicaSets = await list('/apis/apps/v1', 'replicasets')
  const pods = await list('/api/v1', 'pods')
  const desired = deployments.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0)
  const isRunning = ({ status, metadata }: Item) =>
    status.phase === 'Running' && metadata.deletionTimestamp === undefined
  const isReady = ({ spec, status }: Item) => (status.readyReplicas ?? 0) === (spec.replicas ?? 1)
  return [
    ...(pods.length === desired ? [] : [`${pods.length} pods instead of ${desired}`]),
    ...describe('is not running', pods, isRunning),
    ...describe('is not ready', deployments, isReady),
    ...describe('has no Deployment', replicaSets, hasOwnerAmong(deployments)),
    ...describe('has no ReplicaSet', pods, hasOwnerAmong(replicaSets)),
  ]
}

const describe = (what: string, items: readonly Item[], isFine: (item: Item) => boolean) =>
  items.filter((item) => !isFine(item)).map(({ metadata }) => `${metadata.name} ${what}`)

function hasOwnerAmong(owners: readonly Item[]): (item: Item) => boolean {
  const uids = new Set(owners.map(({ metadata }) => metadata.uid))
  return ({ metadata }) => metadata.ownerReferences?.every(({ uid }) => uids.has(uid)) ?? true
}
