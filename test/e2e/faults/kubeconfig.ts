/** Kubeconfigs of one cluster and one user. */

import { writeFileSync } from 'node:fs'

export interface KubeconfigParts {
  readonly server: string
  /** Fields of the cluster and of the user, as in the file. */
  readonly cluster: object
  readonly user: object
}

/** Returns the path. */
export function writeKubeconfig(path: string, { server, cluster, user }: KubeconfigParts): string {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server, ...cluster } }],
    users: [{ name: 'it', user }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  }
  writeFileSync(path, JSON.stringify(content))
  return path
}
