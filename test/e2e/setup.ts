/**
 * The control plane that all end-to-end files share: started before the first, stopped after the last. One that runs already, and
 * stays, is used if E2E_CLUSTER names a file with its ClusterFacts in JSON.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { reportFile, tableOfRun } from './faults/fault-report.ts'
import type { ClusterFacts, RealCluster } from './real-cluster.ts'
import { startRealCluster } from './real-cluster.ts'
import { describeRun } from './run-description.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ClusterFacts
  }
}

let cluster: RealCluster | undefined
const folder = mkdtempSync(join(tmpdir(), 'e2e-rows-'))
const rowsFile = join(folder, 'rows')

export async function setup(project: TestProject): Promise<void> {
  // Workers inherit it.
  process.env.E2E_ROWS = rowsFile
  const facts = await findCluster(process.env.E2E_CLUSTER)
  project.provide('cluster', facts)
  process.env.KUBECONFIG = facts.kubeconfig
}

async function findCluster(factsFile: string | undefined): Promise<ClusterFacts> {
  if (factsFile !== undefined) return JSON.parse(readFileSync(factsFile, 'utf8'))
  for (const line of describeRun()) console.log(line)
  cluster = await startRealCluster()
  // Without a teardown, as after a signal.
  process.once('exit', cluster.kill)
  // Files that start an API server of their own look for its programs there.
  process.env.PEERS_BIN = cluster.facts.programs
  return cluster.facts
}

export async function teardown(): Promise<void> {
  const table = tableOfRun(rowsFile)
  if (table !== undefined)
    console.log(`Scenarios of this run that came to their comparison, also in ${reportFile}:\n\n${table}\n`)
  rmSync(folder, { recursive: true })
  await cluster?.down()
}
