/** Types: where the API server is, and the credentials for it. */

import type { Agent } from 'node:http'

/** The configured cluster cannot be used as it is: one line for the operator, who has to change something. */
export class KubernetesConfigError extends Error {
  override readonly name = 'KubernetesConfigError'
}

/** What the operator said about the cluster; see the configuration keys of the same names. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly apiserver?: string | undefined
  /** Read for `KUBECONFIG`, `HOME` and the variables of a pod; those of the process by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Put before the paths of the pod's service account; empty by default. */
  readonly serviceAccountRoot?: string
}

/** What one request shows the server. */
export interface Credentials {
  readonly tls: TlsMaterial
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Set when the kubeconfig demands a proxy: requests go through it, over HTTP/1.1. */
  readonly proxyAgent?: Agent | undefined
}

/** TLS options as node:tls takes them. */
export interface TlsMaterial {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** One API server and the way in. */
export interface ClusterAccess {
  readonly server: URL
  /** Where this was found, for the log: `kubeconfig FILE`, `the service account of this pod`. */
  readonly source: string
  /** Reads files, asks plugins, refreshes tokens as needed. Rejects when that fails. */
  credentials(): Promise<Credentials>
  /** Forgets what is cached: the server has refused it. */
  renew(): void
}
