/** The connection to the configured cluster, through a proxy if the environment names one. */

import type { ClusterAccess, ClusterOptions } from '../kubernetes/auth/cluster-access.ts'
import { KubernetesConfigError } from '../kubernetes/auth/cluster-access.ts'
import { locateCluster } from '../kubernetes/auth/locate-cluster.ts'
import type { Connection, ConnectionOptions } from '../kubernetes/transport/connection.ts'
import { createConnection } from '../kubernetes/transport/connection.ts'
import { proxyUrlFor } from '../push/proxy.ts'
import { createSystemClock } from '../time/clock.ts'

export interface ClusterConnection {
  readonly access: ClusterAccess
  readonly connection: Connection
}

/** Finds the cluster; nothing is sent before the first request. Rejects with KubernetesConfigError. */
export async function connectCluster(
  cluster: ClusterOptions,
  options: Pick<ConnectionOptions, 'clock' | 'onServerChanged'>,
): Promise<ClusterConnection> {
  const access = await locateCluster(cluster)
  return { access, connection: createConnection({ ...options, access, proxyOf }) }
}

/** Throws a KubernetesConfigError for a variable that names no proxy. */
function proxyOf(server: URL): URL | undefined {
  const isTls = server.protocol === 'https:'
  try {
    return proxyUrlFor(`${server.hostname}:${server.port || (isTls ? 443 : 80)}`, isTls, process.env)
  } catch (error) {
    const { message } = error as Error
    throw new KubernetesConfigError(`${message}; list ${server.host} in NO_PROXY to reach the API server directly`)
  }
}

/** As `connectCluster`, for a command that sends a few requests and ends. */
export async function connectForOneRun(cluster: ClusterOptions) {
  const { access, connection } = await connectCluster(cluster, { clock: createSystemClock(() => {}) })
  return { server: access.server, source: access.source, connection }
}
