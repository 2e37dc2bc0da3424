/** Helm, and the chart rendered with it. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../deploy/kustomize.ts'
import type { ClusterFacts } from './real-cluster.ts'

export const chart = 'deploy/helm/kube-state-otlp'

export interface Helm {
  /** Runs it against the cluster; throws with its error output. */
  run(...words: string[]): string
  /** The objects of the chart for a release `name`. */
  render(name: string, namespace: string, ...words: string[]): Manifest[]
}

export function createHelm({ programs, kubeconfig }: ClusterFacts): Helm {
  const program = join(programs, 'helm')
  const run = (...words: string[]) =>
    execFileSync(program, words, {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, KUBECONFIG: kubeconfig },
      timeout: 600_000,
    })
  return {
    run,
    render(name, namespace, ...words) {
      const text = run('template', name, chart, `--namespace=${namespace}`, ...words)
      const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null)
      return objects.filter((object) => object !== null)
    },
  }
}
