/** Types: where the API server is, and the credentials for it. */

import type { Agent } from 'node:http'

/** The configured cluster cannot be used as it is: one line for the operator, who has to change something. */
export class KubernetesConfigError extends Error {
  override readonly name = 'KubernetesConfigError'
}

/** What the operator has configured; see the configuration keys of the same names. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly apiserver?: string | undefined
  /** Read for `KUBECONFIG`, `HOME` and the variables of a pod; those of the process by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Put before the paths of the pod's service account; empty by default. */
  readonly serviceAccountRoot?: string
  /** Called when the changed configuration cannot be used; the former one is used further. */
  readonly onUnusable?: (problem: KubernetesConfigError) => void
}

/** What a request presents to the server. */
export interface Credentials {
  readonly tls: TlsMaterial
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Set when the kubeconfig names a proxy: requests go through it, over HTTP/1.1. */
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

/**
 * The way to the API server, in generations: another server, authority, proxy or user in the configuration begins a new
 * one. A token that is reread or refreshed does not.
 */
export interface ClusterAccess {
  /** The number of the current generation, and its server. */
  readonly generation: number
  readonly server: URL
  /** Where this was found, for the log: `kubeconfig FILE`, `the service account of this pod`. */
  readonly source: string
  /**
   * Reads files, runs plugins, refreshes tokens as needed; begins a new generation when the configuration has changed.
   * Rejects when that fails.
   */
  credentials(): Promise<Credentials>
  /** Has the next `credentials` read everything again: the server has refused what is cached. */
  renew(): void
  /** As `renew`, if a file has changed since it was read. */
  renewIfChanged(): void
}
