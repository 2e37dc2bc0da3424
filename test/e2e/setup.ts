/** The control plane that all end-to-end files share: started before the first, stopped after the last. */

import type { TestProject } from 'vitest/node'
import type { ClusterFacts, RealCluster } from './real-cluster.ts'
import { startRealCluster } from './real-cluster.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ClusterFacts
  }
}

let cluster: RealCluster | undefined

export async function setup(project: TestProject): Promise<void> {
  console.log('starting the real control plane (the first run builds it, which takes minutes)')
  cluster = await startRealCluster()
  project.provide('cluster', cluster.facts)
  process.env.KUBECONFIG = cluster.facts.kubeconfig
}

export function teardown(): void {
  cluster?.down()
}
