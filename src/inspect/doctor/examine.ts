/** All checks of an installation, in the order in which one needs the other. */

import type { Config } from '../../config/config.ts'
import type { DestinationConfig } from '../../config/destination-config.ts'
import { resources as builtIn } from '../../families/built-in-resources.ts'
import type { ApiClient } from '../../kubernetes/api-client.ts'
import { createApiClient } from '../../kubernetes/api-client.ts'
import { KubernetesConfigError } from '../../kubernetes/auth/cluster-access.ts'
import type { Connection } from '../../kubernetes/transport/connection.ts'
import type { Transport } from '../../push/transport.ts'
import { createPlan } from '../../selection/create-plan.ts'
import type { CustomResources } from '../custom-resources.ts'
import type { RbacObject } from '../rbac.ts'
import { checkApiServer } from './check-api-server.ts'
import { checkKinds } from './check-kinds.ts'
import { checkPush } from './check-push.ts'
import type { Account } from './check-rights.ts'
import { checkRights } from './check-rights.ts'
import type { Finding } from './finding.ts'

export interface ExamineOptions {
  readonly config: Config
  readonly customResources: Pick<CustomResources, 'rules' | 'only'>
  /** What has to be granted. */
  readonly roles: readonly RbacObject[]
  /** Undefined: the user of the kubeconfig. */
  readonly account: Account | undefined
  /** Finds the cluster. Rejects with KubernetesConfigError. */
  readonly connect: () => Promise<{ readonly server: URL; readonly source: string; readonly connection: Connection }>
  /** Undefined if there is no test push. */
  readonly openTransport: ((destination: DestinationConfig) => Transport) | undefined
  readonly userAgent: string
  readonly signal: AbortSignal
}

const check = 'test push'

/** The whole of the requests to the API server may take this long. */
const clusterDeadlineMs = 30_000

/** Yields each finding as soon as it is known; never rejects because of what it finds. */
export async function* examine(options: ExamineOptions): AsyncGenerator<Finding> {
  yield* examineCluster(options)
  yield* examinePush(options)
}

async function* examineCluster(options: ExamineOptions): AsyncGenerator<Finding> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(clusterDeadlineMs)])
  const cluster = await connectOrExplain(options)
  if ('state' in cluster) {
    yield cluster
    return
  }
  const client = createApiClient(cluster.connection, options.userAgent)
  try {
    const [server, ...others] = await checkApiServer({ ...cluster, signal, now: Date.now })
    if (server) yield server
    yield* others
    if (server?.state !== 'failed') yield* examineObjects(options, client, signal)
  } finally {
    client.close()
  }
}

async function connectOrExplain({ connect }: ExamineOptions) {
  try {
    return await connect()
  } catch (error) {
    if (!(error instanceof KubernetesConfigError)) throw error
    const fix = 'name a cluster by --kubeconfig, --context or --apiserver'
    return { check: 'API server', state: 'failed', found: error.message, fix } satisfies Finding
  }
}

async function* examineObjects(
  options: ExamineOptions,
  client: ApiClient,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { config, roles, account, customResources } = options
  yield await checkRights({ client, roles, account, signal })
  const resources = customResources.only ? [] : createPlan(builtIn, config.selection).map(({ resource }) => resource)
  yield* await checkKinds({ client, resources, rules: customResources.rules, signal })
}

async function* examinePush({ config, openTransport, signal }: ExamineOptions): AsyncGenerator<Finding> {
  const { destinations } = config
  if (openTransport === undefined) {
    yield { check, state: 'skipped', found: '--push=false' }
    return
  }
  if (destinations.length === 0) {
    const found = 'no OTLP endpoint is configured: metrics are only served on /metrics'
    yield { check, state: 'skipped', found, fix: 'set otlp.endpoint (--otlp-endpoint) to push' }
  }
  for (const destination of destinations) {
    const transport = openTransport(destination)
    const url = `${destination.protocol} ${destination.endpoint.url}`
    const endpoint = destinations.length === 1 ? url : `${destination.name}, ${url}`
    try {
      yield await checkPush({ ...destination, endpoint, transport, signal, now: Date.now })
    } finally {
      transport.close()
    }
  }
}
