/** Finds the cluster; the code that reads kubeconfig files is loaded only then. */

import type { ClusterAccess, ClusterOptions } from './cluster-access.ts'

/**
 * Finds the cluster: the kubeconfig that is named; else the pod's service account, `$KUBECONFIG`, `~/.kube/config`.
 * Rejects with KubernetesConfigError.
 */
export async function locateCluster(options: ClusterOptions): Promise<ClusterAccess> {
  const { openKubeConfig } = await import('./kube-config.ts')
  return openKubeConfig(options)
}
