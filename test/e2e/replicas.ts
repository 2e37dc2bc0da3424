/** Replicas of the product with leader election at one API server, which push to one receiver. */
import { expect, onTestFinished, vi } from 'vitest'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'

export interface ReplicaOptions {
  readonly kubeconfig: string
  readonly folder: string
  readonly otlpEndpoint: string
  readonly flags: readonly string[]
  /** The checkout that is run; this one by default. */
  readonly checkout?: string | undefined
}

export interface Replica {
  readonly peer: Peer
  readonly telemetryUrl: string
  page(): Promise<string>
  selfMetrics(): Promise<string>
  /** Waits until `/readyz` has the line. */
  untilLine(line: string): Promise<void>
}

/** Starts a replica that is named by its identity, and waits until it is ready. It ends with the test. */
export async function startReplica(identity: string, options: ReplicaOptions): Promise<Replica> {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const command = [
    process.execPath,
    'src/main.ts',
    `--kubeconfig=${options.kubeconfig}`,
    '--leader-election',
    `--leader-election-identity=${identity}`,
    `--otlp-endpoint=${options.otlpEndpoint}`,
    '--telemetry-otlp=false',
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
    ...options.flags,
  ]
  const peer = startPeer(identity, command, options.folder, process.env, options.checkout)
  onTestFinished(() => peer.stop('SIGKILL'))
  const telemetryUrl = `http://127.0.0.1:${telemetryPort}`
  const readyUrl = `${telemetryUrl}/readyz`
  await waitForUrl(readyUrl)
  return {
    ...{ peer, telemetryUrl },
    page: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    selfMetrics: async () => (await fetch(`${telemetryUrl}/metrics`)).text(),
    async untilLine(line) {
      const check = async () => expect(await (await fetch(readyUrl)).text()).toContain(line)
      await vi.waitFor(check, { timeout: 60_000, interval: 20 })
    },
  }
}
