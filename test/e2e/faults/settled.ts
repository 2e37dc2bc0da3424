/** Whether the controllers have nothing left to do after a churn, so that nothing changes while one process follows another. */

import type { KubeClient } from '../kube-client.ts'
import { waitFor } from '../peers.ts'

interface Item {
  readonly metadata: {
    readonly uid: string
    readonly deletionTimestamp?: string
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
  readonly spec: { readonly replicas?: number }
  readonly status: { readonly phase?: string; readonly replicas?: number; readonly readyReplicas?: number }
}

/** Waits until Deployments, their ReplicaSets and pods agree: nothing is missing, ending or without its owner. */
export async function untilSettled(client: KubeClient, namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    const list = async (path: string) => {
      const { body } = await client.get(path.replace('*', namespace))
      return (body as { items: Item[] }).items
    }
    await waitFor(`settled Deployments in ${namespace}`, async () => {
      const deployments = await list('/apis/apps/v1/namespaces/*/deployments')
      const replicaSets = await list('/apis/apps/v1/namespaces/*/replicasets')
      const pods = await list('/api/v1/namespaces/*/pods')
      const desired = deployments.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0)
      const isSettled =
        pods.length === desired &&
        pods.every(({ status, metadata }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined) &&
        deployments.every(({ spec, status }) => (status.readyReplicas ?? 0) === (spec.replicas ?? 1)) &&
        haveOwners(replicaSets, deployments) &&
        haveOwners(pods, replicaSets)
      return isSettled || undefined
    })
  }
}

function haveOwners(owned: readonly Item[], owners: readonly Item[]): boolean {
  const uids = new Set(owners.map(({ metadata }) => metadata.uid))
  return owned.every(({ metadata }) => metadata.ownerReferences?.every(({ uid }) => uids.has(uid)) ?? true)
}
