/** The objects of the conformance cases as a real API server stores them: each once, under a name of its own. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiServer } from './api-server.ts'

const casesFolder = join(import.meta.dirname, '../conformance/cases')

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Record<string, unknown>
}

/** Each object of the cases once, under a name of its own, as the cases repeat theirs. */
const manifests = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .sort()
  .flatMap((path) => parseAllDocuments(readFileSync(join(casesFolder, path), 'utf8'), { uniqueKeys: false }))
  .map((document) => document.toJS() as Manifest | null)
  .filter((manifest) => manifest?.metadata !== undefined)
  .map((manifest, index) => named(manifest as Manifest, `object-${index}`))

function named(manifest: Manifest, name: string): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, name, namespace: manifest.metadata.namespace || 'default' } }
}

/** Where the API server keeps a resource in etcd, if not under its plural name. */
const etcdFolders: Readonly<Record<string, string>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
}

/** The objects of a resource. */
export function corpusOf({ kind, apiVersion }: AnyResource): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind && manifest.apiVersion === apiVersion)
}

/** The path of the resource's collection in all namespaces. */
export function folderOf({ apiVersion, plural }: AnyResource): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}/${plural}` : `/api/${apiVersion}/${plural}`
}

/** Writes objects below the API server. */
export async function storeAll(server: ApiServer, resource: AnyResource, objects: readonly Manifest[]): Promise<void> {
  const folder = etcdFolders[resource.plural] ?? resource.plural
  for (const object of objects) {
    const { namespace, ...metadata } = object.metadata
    const scope = resource.namespaced ? `${namespace}/` : ''
    const stored = resource.namespaced ? object : { ...object, metadata }
    await server.store(`/registry/${folder}/${scope}${metadata.name}`, stored)
  }
}
