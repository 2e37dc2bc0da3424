/**
 * Owns the product's configuration in the demo: the user's flags, with the demo's own cluster and receiver in place.
 * Refuses everything that would make it read another cluster.
 */

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { CommandContext } from '../src/cli/command.ts'
import { configure } from '../src/cli/command.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import { resourceNames } from '../src/config/resource-names.ts'

/** Where the demo's servers are. */
export interface DemoPlaces {
  readonly kubeconfigPath: string
  /** `http://host:port`; undefined when the user names a Collector. */
  readonly receiverUrl: string | undefined
}

const names = (flags: readonly string[], name: string) =>
  flags.some((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`))

/** What stands before the user's flags: everything that is known, on this machine alone, on the usual ports if free. */
async function defaultFlags(flags: readonly string[]): Promise<string[]> {
  const wanted = [
    ['host', async () => '127.0.0.1'],
    ['telemetry-host', async () => '127.0.0.1'],
    ['port', () => freePort(8080)],
    ['telemetry-port', () => freePort(8081)],
    ['resources', async () => resourceNames.join(',')],
    // The receiver's counts are then those of object state alone, and comparable.
    ['telemetry-otlp', async () => 'false'],
  ] as const
  const missing = wanted.filter(([name]) => !names(flags, name))
  return Promise.all(missing.map(async ([name, value]) => `--${name}=${await value()}`))
}

/** The port, or 0 when it is taken. */
async function freePort(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return port
  } catch {
    return 0
  } finally {
    server.close()
  }
}

/** Whether the flags send to a Collector of the user's own. Prints what is wrong with them and yields undefined if anything is. */
export function readsOwnCollector(flags: readonly string[], context: CommandContext): boolean | undefined {
  const isGiven = names(flags, 'otlp-endpoint')
  const loaded = configure(flags, { ...context, env: environmentFor(isGiven, context) })
  if (loaded === undefined) return undefined
  const { kubeconfig, apiserver, context: clusterContext } = loaded.config.kubernetes
  const foreign = Object.entries({ kubeconfig, apiserver, context: clusterContext }).find(([, value]) => value)
  if (foreign) {
    context.stderr.write(`kube-state-otlp: ${foreign[0]}: the demo reads a cluster of its own: leave it out\n`)
    return undefined
  }
  return loaded.config.otlp.endpoint !== undefined
}

/** The configuration the product starts with; undefined, and all problems printed, when it is not usable. */
export async function configureDemo(
  flags: readonly string[],
  { kubeconfigPath, receiverUrl }: DemoPlaces,
  context: CommandContext,
): Promise<LoadedConfig | undefined> {
  const own = [`--kubeconfig=${kubeconfigPath}`, ...(receiverUrl ? [`--otlp-endpoint=${receiverUrl}`] : [])]
  const env = environmentFor(receiverUrl === undefined, context)
  return configure([...(await defaultFlags(flags)), ...flags, ...own], { ...context, env })
}

/** Variables are for real clusters: only those for a Collector of the user's own are read. */
function environmentFor(hasOwnCollector: boolean, { env }: CommandContext): CommandContext['env'] {
  if (!hasOwnCollector) return {}
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_EXPORTER_OTLP_')))
}
