/** Where a cluster on loopback lives, from the environment. */

import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ClusterSettings {
  /** The folder of the programs. */
  readonly programs: string
  /** The folder of certificates, data, process ids, logs and the kubeconfig. */
  readonly state: string
  readonly ports: ClusterPorts
  /** Whether controllers, scheduler and simulated kubelets run. */
  readonly hasControllers: boolean
  /** More flags of the API server. */
  readonly apiFlags: readonly string[]
  readonly authorization: string
}

/** On loopback. */
export interface ClusterPorts {
  readonly api: number
  readonly etcd: number
  readonly etcdPeer: number
}

/** Throws if a port is not one. */
export function readSettings(env: NodeJS.ProcessEnv, programs: string): ClusterSettings {
  const port = (name: string, fallback: number) => {
    const value = Number(env[name] ?? fallback)
    if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Error(`${name}=${env[name]} is not a port`)
    return value
  }
  return {
    programs,
    state: env.CLUSTER_STATE ?? join(tmpdir(), 'kube-state-otlp-cluster'),
    ports: { api: port('API_PORT', 16_443), etcd: port('ETCD_PORT', 12_379), etcdPeer: port('ETCD_PEER_PORT', 12_380) },
    hasControllers: (env.CONTROLLERS ?? '') !== '',
    apiFlags: (env.API_FLAGS ?? '').split(/\s+/).filter((flag) => flag !== ''),
    authorization: env.AUTHZ ?? 'RBAC',
  }
}

export const apiUrl = ({ ports }: Pick<ClusterSettings, 'ports'>) => `https://127.0.0.1:${ports.api}`
export const etcdUrl = ({ ports }: Pick<ClusterSettings, 'ports'>) => `http://127.0.0.1:${ports.etcd}`
export const kubeconfigOf = ({ state }: Pick<ClusterSettings, 'state'>) => join(state, 'kubeconfig')
