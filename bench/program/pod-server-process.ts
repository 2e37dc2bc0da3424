/** Starts the simulated API server of the growth benchmarks as a child process. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from './child.ts'

export type PodServerCommand = 'report' | { readonly churn: number }

export interface PodServerReport {
  readonly pods: number
  /** Of the lists and watches of pods, without framing. */
  readonly bytes: number
  /** Lists of pods that were sent. */
  readonly lists: number
  readonly residentBytes: number
}

export interface PodServer {
  readonly pid: number
  /** A file. */
  readonly kubeconfig: string
  report(): Promise<PodServerReport>
  /** Sends the changes of a generation, and ends the watches for a list. */
  churn(generation: number): Promise<PodServerReport>
  stop(): Promise<void>
}

export async function startPodServer(pods: number, folder: string): Promise<PodServer> {
  const child = await startChild<{ kubeconfig: string }>(join(import.meta.dirname, 'pod-server.ts'), [`${pods}`])
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, child.started.kubeconfig)
  return {
    pid: child.pid,
    kubeconfig,
    report: () => child.ask('report'),
    churn: (generation) => child.ask({ churn: generation }),
    stop: child.stop,
  }
}
