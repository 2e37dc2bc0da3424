/**
 * The environment of the product in the demo: the API server with the simulated cluster, the receiver, the fault
 * injection and the kubeconfig.
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
  /** False if the product sends to the user's Collector. */
  readonly hasReceiver: boolean
  readonly onChange: (plural: string, event: StoredEvent) => void
  readonly onArrival: (arrival: Arrival) => void
}

export interface Environment {
  readonly api: ApiServer
  readonly receiver: OtlpReceiver | undefined
  /** In a temporary folder that `close` removes. */
  readonly kubeconfigPath: string
  /** Whether the cluster changes and faults are injected. */
  readonly isRunning: boolean
  /** Starts the changes in the cluster, and the fault injection. */
  startChurn(): void
  /** Stops the changes and the fault injection. */
  stopChurn(): Promise<void>
  close(): Promise<void>
}

/** Creates the environment with a seeded cluster that does not change yet. Rejects if a server cannot listen. */
export async function createEnvironment({
  settings,
  hasReceiver,
  onChange,
  onArrival,
}: EnvironmentOptions): Promise<Environment> {
  const { seed, pods, churn, faults } = settings
  const api = await createApiServer({ kinds: builtInKinds, onChange })
  const cluster = createCluster(api, { seed, pods, churnPerSecond: churn })
  const receiver = hasReceiver ? await createOtlpReceiver({ liveSet: { onArrival } }) : undefined
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-demo-'))
  const kubeconfigPath = join(folder, 'kubeconfig')
  writeFileSync(kubeconfigPath, api.kubeconfig())
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  // A second Ctrl-C or a crash ends the process without `close`.
  process.once('exit', removeFolder)
  const stopping = new AbortController()
  let churning: Promise<unknown> | undefined
  const stopChurn = async () => {
    stopping.abort()
    await churning
  }
  return {
    api,
    receiver,
    kubeconfigPath,
    get isRunning() {
      return churning !== undefined && !stopping.signal.aborted
    },
    startChurn() {
      churning ??= Promise.all([
        churn > 0 ? cluster.run(stopping.signal) : undefined,
        faults ? injectFaults(api, receiver, seed, stopping.signal) : undefined,
      ])
    },
    stopChurn,
    async close() {
      await stopChurn()
      removeFolder()
      process.off('exit', removeFolder)
      await Promise.all([api.stop(), receiver?.close()])
    },
  }
}
