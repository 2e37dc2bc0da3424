/**
 * Owns everything around the product in the demo: the API server with its cluster, the receiver, the weather and the
 * kubeconfig. Knows nothing of the product.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServer } from '../simulator/api/api-server.ts'
import { createApiServer } from '../simulator/api/api-server.ts'
import { builtInKinds } from '../simulator/api/built-in-kinds.ts'
import type { StoredEvent } from '../simulator/api/object-store.ts'
import { createCluster } from '../simulator/cluster/simulated-cluster.ts'
import type { Arrival } from '../simulator/otlp/live-set.ts'
import type { OtlpReceiver } from '../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../simulator/otlp/receiver.ts'
import { injectFaults } from './fault-injection.ts'
import type { DemoSettings } from './settings.ts'

export interface EnvironmentOptions {
  readonly settings: DemoSettings
  /** False: the product sends elsewhere. */
  readonly hasReceiver: boolean
  readonly onChange: (plural: string, event: StoredEvent) => void
  readonly onArrival: (arrival: Arrival) => void
}

export interface Environment {
  readonly api: ApiServer
  readonly receiver: OtlpReceiver | undefined
  /** In a folder of its own, which goes when the environment does. */
  readonly kubeconfigPath: string
  /** Whether anything happens in the cluster, and to the servers. */
  readonly isLively: boolean
  /** The cluster begins to live, under the weather. */
  startChurn(): void
  /** Nothing happens any more, and the weather is fine. */
  calm(): Promise<void>
  close(): Promise<void>
}

/** A cluster that stands still, seeded. Rejects when a server cannot listen. */
export async function createEnvironment({
  settings,
  hasReceiver,
  onChange,
  onArrival,
}: EnvironmentOptions): Promise<Environment> {
  const { seed, pods, churn, weather } = settings
  const api = await createApiServer({ kinds: builtInKinds, onChange })
  const cluster = createCluster(api, { seed, pods, churnPerSecond: churn })
  const receiver = hasReceiver ? await createOtlpReceiver({ liveSet: { onArrival } }) : undefined
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-demo-'))
  const kubeconfigPath = join(folder, 'kubeconfig')
  writeFileSync(kubeconfigPath, api.kubeconfig())
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  // A second Ctrl-C or a crash ends the process without `close`.
  process.once('exit', removeFolder)
  const calming = new AbortController()
  let life: Promise<unknown> | undefined
  const calm = async () => {
    calming.abort()
    await life
  }
  return {
    api,
    receiver,
    kubeconfigPath,
    get isLively() {
      return life !== undefined && !calming.signal.aborted
    },
    startChurn() {
      life ??= Promise.all([
        churn > 0 ? cluster.run(calming.signal) : undefined,
        weather ? injectFaults(api, receiver, seed, calming.signal) : undefined,
      ])
    },
    calm,
    async close() {
      await calm()
      removeFolder()
      process.off('exit', removeFolder)
      await Promise.all([api.stop(), receiver?.close()])
    },
  }
}
