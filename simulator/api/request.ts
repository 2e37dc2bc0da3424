/** Parses the resource and the verb of a request. */

import type { IncomingHttpHeaders } from 'node:http'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'delete' | 'other'

/** One parsed request. */
export interface ApiRequest {
  /** Counted from 0, across restarts. */
  readonly index: number
  readonly httpVersion: string
  readonly method: string
  readonly verb: Verb
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** The user of the token, `system:anonymous` without tokens. */
  readonly user: string
  /** Undefined for paths without resource, such as `/version`. */
  readonly resource: ResourcePath | undefined
  /** Whether it is a streaming list (WatchList). */
  readonly isStreamingList: boolean
  /** JSON of a write request. */
  readonly body: unknown
}

export interface ResourcePath {
  /** `v1`, `apps/v1` */
  readonly apiVersion: string
  readonly group: string
  readonly plural: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** The resource of a path, or undefined. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const match = /^\/(?:api\/(v[^/]+)|apis\/([^/]+)\/(v[^/]+))\/(.+)$/.exec(path)
  if (!match) return undefined
  const [, core, group = '', version, rest = ''] = match
  const apiVersion = core ?? `${group}/${version}`
  const parts = rest.split('/').map(decodeURIComponent)
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2
  const namespace = inNamespace ? parts[1] : undefined
  const [plural = '', name, subresource] = inNamespace ? parts.slice(2) : parts
  return {
    apiVersion,
    group,
    plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

const verbsOfMethods: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', DELETE: 'delete' }

/** The verb as in RBAC rules. */
export function verbOf(method: string, resource: ResourcePath | undefined, query: URLSearchParams): Verb {
  if (!resource) return 'other'
  if (method !== 'GET') return verbsOfMethods[method] ?? 'other'
  if (resource.name !== undefined) return 'get'
  return isTrue(query.get('watch')) ? 'watch' : 'list'
}

/** Like Go's conversion of query parameters: every value except `0` and `false` is true. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== '0' && value.toLowerCase() !== 'false'
