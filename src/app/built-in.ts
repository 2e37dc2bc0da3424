/** Owns the start of the program with the built-in resources, and the words for what keeps it from starting. */

import type { Config } from '../config/config.ts'
import { resources } from '../families/resources.ts'
import { KubernetesConfigError } from '../kubernetes/cluster-access.ts'
import { ListenError } from '../server/http-server.ts'
import { createLog } from '../telemetry/log.ts'
import type { Product } from './product.ts'
import { startProduct } from './product.ts'

/** The operator has to change something: one line, without stack. */
export class StartRefusal extends Error {}

/** Starts reading, serving and pushing. Rejects with StartRefusal where the configuration meets a world it does not fit. */
export async function startBuiltIn(config: Config, version: string, notices: readonly string[]): Promise<Product> {
  const log = createLog({ level: config.telemetry.logLevel, format: config.telemetry.logFormat })
  for (const notice of notices) log.info(notice)
  try {
    return await startProduct({ config, resources, version, log })
  } catch (error) {
    if (error instanceof KubernetesConfigError || error instanceof ListenError) throw new StartRefusal(error.message)
    throw error
  }
}
