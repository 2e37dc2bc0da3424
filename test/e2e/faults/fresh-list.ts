/** The series that a fresh LIST of the API server gives: the objects as files, and `render`. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KubeClient } from '../kube-client.ts'
import { parsePage } from '../series.ts'

const run = promisify(execFile)

/** The resources of the scenarios, and where they are listed. */
export const listed: Readonly<Record<string, string>> = {
  configmaps: '/api/v1',
  deployments: '/apis/apps/v1',
  pods: '/api/v1',
  replicasets: '/apis/apps/v1',
  services: '/api/v1',
}

/** `folder` is used for the files. The flags are those of the selection. */
export async function renderFreshList(
  client: KubeClient,
  namespaces: readonly string[],
  folder: string,
  flags: readonly string[],
): Promise<Map<string, number>> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const namespace of namespaces) {
    for (const [plural, root] of Object.entries(listed)) {
      const { status, body } = await client.get(`${root}/namespaces/${namespace}/${plural}`)
      if (status !== 200) throw new Error(`the list of ${plural} in ${namespace} was answered with ${status}`)
      writeFileSync(join(folder, `${namespace}-${plural}.json`), JSON.stringify(body))
    }
  }
  const words = ['bin/kube-state-otlp.js', 'render', '-f', folder, ...flags]
  const { stdout } = await run(process.execPath, words, { maxBuffer: 1 << 30 })
  return parsePage(stdout)
}
