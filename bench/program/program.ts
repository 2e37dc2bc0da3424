/** The program in a process of its own, with addresses on loopback. */

import type { Peer } from '../../test/e2e/peers.ts'
import { freePort, startPeer } from '../../test/e2e/peers.ts'
import { programFile } from './bundle.ts'
import type { Usage } from './process-usage.ts'
import { usageOf } from './process-usage.ts'
import type { SelfReport } from './telemetry.ts'
import { selfReport } from './telemetry.ts'

export interface Program {
  readonly peer: Peer
  readonly metricsUrl: string
  readonly readyUrl: string
  usage(): Usage
  /** Rejects while it does not answer. */
  report(): Promise<SelfReport>
  /** Nothing of it is left then. */
  kill(): Promise<void>
}

export interface ProgramOptions {
  readonly kubeconfig: string
  /** Besides those for addresses and the log. */
  readonly flags: readonly string[]
  /** For its log. */
  readonly folder: string
  readonly name?: string
}

const running = new Set<Peer>()

/** Programs would not end with a benchmark that is interrupted. */
export function endProgramsOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await Promise.all([...running].map((peer) => peer.stop('SIGKILL')))
      process.exit(1)
    })
  }
}

/** Starts it as a user does: the bundle if it is newer than the sources, and no options of Node.js. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { kubeconfig, flags, folder, name = 'kube-state-otlp' } = options
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const addresses = ['--host=127.0.0.1', `--port=${port}`, '--telemetry-host=127.0.0.1']
  const words = [`--kubeconfig=${kubeconfig}`, '--log-level=warn', ...addresses, `--telemetry-port=${telemetryPort}`]
  const command = [process.execPath, programFile, 'run', ...words, ...flags]
  const peer = startPeer(name, command, folder)
  running.add(peer)
  void peer.exited.then(() => running.delete(peer))
  return {
    peer,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    readyUrl: `http://127.0.0.1:${telemetryPort}/readyz`,
    usage: () => usageOf(peer.pid),
    report: () => selfReport(`http://127.0.0.1:${telemetryPort}/metrics`),
    kill: () => peer.stop('SIGKILL'),
  }
}
