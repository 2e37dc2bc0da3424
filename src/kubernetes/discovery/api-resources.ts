/** The discovery documents of an API server: which kinds a group serves, aggregated and built-in ones among them. */

import type { ApiClient } from '../api-client.ts'
import { ApiRefusal } from '../api-client.ts'

/** A kind in one version that can be listed and watched. */
export interface ApiResource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

/** For each document. */
const deadlineMs = 15_000

/** Reads the kinds of a group in all of its versions; none when the server does not have the group. Rejects as `sendJson` does. */
export async function readApiResources(
  client: Pick<ApiClient, 'sendJson'>,
  group: string,
  signal: AbortSignal,
): Promise<ApiResource[]> {
  try {
    const versions = await readVersions(client, group, signal)
    const kinds = await Promise.all(versions.map((version) => readVersion(client, group, version, signal)))
    return kinds.flat()
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === 404) return []
    throw error
  }
}

async function readVersions(
  client: Pick<ApiClient, 'sendJson'>,
  group: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (group === '') return ['v1']
  const found = (await client.sendJson({ path: `/apis/${encodeURIComponent(group)}`, deadlineMs, signal })) as {
    versions?: readonly { version?: string }[] | null
  }
  return (found.versions ?? []).flatMap(({ version }) => (version === undefined ? [] : [version]))
}

/** As the API server writes it. */
interface ResourceList {
  readonly resources?:
    | readonly { name: string; kind: string; namespaced: boolean; verbs?: readonly string[] | null }[]
    | null
}

async function readVersion(
  client: Pick<ApiClient, 'sendJson'>,
  group: string,
  version: string,
  signal: AbortSignal,
): Promise<ApiResource[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${encodeURIComponent(group)}/${version}`
  const { resources } = (await client.sendJson({ path, deadlineMs, signal })) as ResourceList
  return (resources ?? [])
    .filter(({ name, verbs }) => !name.includes('/') && verbs?.includes('list') && verbs.includes('watch'))
    .map(({ name, kind, namespaced }) => ({ group, version, kind, plural: name, namespaced }))
}
