/**
 * The configuration of the product in the demo: the user's flags, with the simulated cluster and the embedded receiver.
 * Flags for another cluster are rejected.
 */

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { CommandContext } from '../src/cli/command.ts'
import { configure } from '../src/cli/command.ts'
import { parseArguments } from '../src/config/arguments.ts'
import { configurationFlags } from '../src/config/layers/flags.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import { resourceNames } from '../src/config/resource-names.ts'

/** The addresses of the demo's servers. */
export interface DemoPlaces {
  readonly kubeconfigPath: string
  /** `http://host:port`; undefined if the user's flags name a Collector. */
  readonly receiverUrl: string | undefined
}

/** The names of the flags that are given. */
const namesOf = (flags: readonly string[]) =>
  new Set(parseArguments(flags, configurationFlags).uses.map(({ name }) => name))

/** The defaults of the demo: all resources, loopback only, and the usual ports if they are free. */
async function defaultFlags(flags: readonly string[]): Promise<string[]> {
  const wanted = [
    ['host', async () => '127.0.0.1'],
    ['telemetry-host', async () => '127.0.0.1'],
    ['port', () => freePort(8080)],
    ['telemetry-port', () => freePort(8081)],
    ['resources', async () => resourceNames.join(',')],
    // Without self-metrics, the counts of the receiver can be compared with those of the push.
    ['telemetry-otlp', async () => 'false'],
    // The receiver decodes a request as a whole, in the same process: 4 MB of points are 50 MB of objects.
    ['otlp-max-request-bytes', async () => '500000'],
  ] as const
  const given = namesOf(flags)
  const missing = wanted.filter(([name]) => !given.has(name))
  return Promise.all(missing.map(async ([name, value]) => `--${name}=${await value()}`))
}

/** The port, or 0 if it is in use. */
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

/** Whether the flags name an OTLP endpoint. Prints invalid flags, and returns undefined if there are any. */
export function usesOwnCollector(flags: readonly string[], context: CommandContext): boolean | undefined {
  const isGiven = namesOf(flags).has('otlp-endpoint')
  const loaded = configure(flags, { ...context, env: environmentFor(isGiven, context) })
  if (loaded === undefined) return undefined
  const { kubeconfig, apiserver, context: clusterContext } = loaded.config.kubernetes
  const destinations = loaded.values.destinations.length > 0
  const others = { kubeconfig, apiserver, context: clusterContext, destinations }
  const foreign = Object.entries(others).find(([, value]) => value)
  if (foreign) {
    context.stderr.write(
      `kube-state-otlp: ${foreign[0]}: not available in the demo, which has a cluster and a receiver of its own; remove it\n`,
    )
    return undefined
  }
  return loaded.config.otlp.endpoint !== undefined
}

/** The configuration of the product. Prints all problems and returns undefined if it is invalid. */
export async function configureDemo(
  flags: readonly string[],
  { kubeconfigPath, receiverUrl }: DemoPlaces,
  context: CommandContext,
): Promise<LoadedConfig | undefined> {
  const own = [`--kubeconfig=${kubeconfigPath}`, ...(receiverUrl ? [`--otlp-endpoint=${receiverUrl}`] : [])]
  const env = environmentFor(receiverUrl === undefined, context)
  return configure([...(await defaultFlags(flags)), ...flags, ...own], { ...context, env })
}

/** Environment variables are meant for real clusters: only those for the user's Collector are used. */
function environmentFor(hasOwnCollector: boolean, { env }: CommandContext): CommandContext['env'] {
  if (!hasOwnCollector) return {}
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_EXPORTER_OTLP_')))
}
