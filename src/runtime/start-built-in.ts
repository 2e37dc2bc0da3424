/** Starts the program with the built-in resources, and explains errors that prevent the start. */

import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import { resources } from '../families/built-in-resources.ts'
import { KubernetesConfigError } from '../kubernetes/auth/cluster-access.ts'
import { ListenError } from '../server/listen-error.ts'
import { WebConfigError } from '../server/web-config/web-config.ts'
import type { Log, LogLevel } from '../telemetry/log.ts'
import { createLog } from '../telemetry/log.ts'
import type { Product } from './product.ts'
import { startProduct } from './product.ts'
import type { Reloadable } from './reloading.ts'

/** Errors that the operator can fix. */
const refusals = [KubernetesConfigError, ListenError, WebConfigError]

/** The start failed for a reason that the operator can fix: one line per problem, without stack. */
export class StartRefusal extends Error {}

/** The destination of the log instead of standard error; one JSON object per line. */
export interface LogDestination {
  write(line: string): void
}

export interface StartOptions {
  readonly destination?: LogDestination
  /** Reads the configuration again; without it the one at the start is the only one. */
  readonly load?: Reloadable['load']
}

/** Starts reading, serving and pushing. Rejects with StartRefusal if the configuration does not match the environment. */
export async function startBuiltIn(
  loaded: LoadedConfig,
  version: string,
  { destination, load }: StartOptions = {},
): Promise<Product> {
  const { config, notices, file } = loaded
  const { logLevel: level, logFormat: format } = config.telemetry
  const log = createLog(destination === undefined ? { level, format } : { level, format: 'json', destination })
  try {
    const setLogLevel = (level: LogLevel) => {
      log.level = level
    }
    const reloadable = load && { loaded, load, setLogLevel }
    const product = await startProduct({ config, resources, version, log, configFile: file, loaded, reloadable })
    // Not earlier: a refusal is all that is printed.
    for (const { message } of notices) log.info(message)
    return product
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) throw new StartRefusal((error as Error).message)
    throw error
  }
}

/** Watches the cluster with the built-in resources; nothing listens. Rejects with KubernetesConfigError. */
export function watchBuiltIn(config: Config, version: string, log: Log): Promise<Product> {
  return startProduct({ config, resources, version, log, listen: false })
}
