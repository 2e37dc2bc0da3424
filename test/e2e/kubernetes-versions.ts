/** The control planes of several versions of Kubernetes, as scripts/control-planes.ts builds them, and what their API servers offer. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServer } from './api-server.ts'

export interface KubernetesVersion {
  /** As the API server says: `v1.36.3`. */
  readonly name: string
  /** A folder with the control plane of this version, beside etcd, kwok, the Collector and Prometheus. */
  readonly programs: string
}

/** A feature gate of an API server. */
export interface FeatureGate {
  readonly stage: string
  readonly isEnabled: boolean
}

const controlPlane = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const

/** The version of the other end-to-end tests, and those below KUBERNETES_VERSIONS_BIN; oldest first. */
export function findVersions(): readonly KubernetesVersion[] {
  const peers = process.env.PEERS_BIN ?? join(homedir(), '.cache/kube-state-otlp/bin')
  const others = process.env.KUBERNETES_VERSIONS_BIN
  const folders = others === undefined ? [] : readdirSync(others).map((name) => join(others, name))
  const complete = [peers, ...folders].filter((folder) => controlPlane.every((name) => existsSync(join(folder, name))))
  return complete
    .map((folder) => ({ name: versionOf(folder), programs: folder === peers ? peers : joinPrograms(peers, folder) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/** `Kubernetes v1.36.3` */
const versionOf = (folder: string) =>
  execFileSync(join(folder, controlPlane[0]), ['--version'], { encoding: 'utf8' }).trim().replace('Kubernetes ', '')

/** A folder with the control plane of one folder and the other programs of another. */
function joinPrograms(peers: string, folder: string): string {
  const joined = mkdtempSync(join(tmpdir(), 'kubernetes-version-'))
  for (const name of controlPlane) symlinkSync(join(folder, name), join(joined, name))
  for (const name of readdirSync(peers))
    if (!existsSync(join(joined, name))) symlinkSync(join(peers, name), join(joined, name))
  return joined
}

/** The feature gates of a running API server, from its own metrics; undefined for one that it does not know. */
export async function readFeatureGates(server: ApiServer): Promise<ReadonlyMap<string, FeatureGate>> {
  const answer = await server.get('/metrics', 'text/plain')
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  const lines = text.matchAll(/^kubernetes_feature_enabled\{name="(\w+)",stage="(\w*)"\} (\d)$/gm)
  return new Map(
    [...lines].map(([, name = '', stage = '', value]) => [name, { stage: stage || 'GA', isEnabled: value === '1' }]),
  )
}
