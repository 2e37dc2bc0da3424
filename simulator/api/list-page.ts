/** Computes one page of a list: the objects, the resourceVersion and the continue token. */

import type { ListMeta } from '../protobuf-envelope.ts'
import type { Refusal } from './api-status.ts'
import { badRequest, expired, resourceVersionTooLarge } from './api-status.ts'
import type { ApiObject } from './kinds.ts'
import type { ListOptions } from './list-options.ts'
import type { ObjectStore } from './object-store.ts'

export interface ListPage {
  readonly metadata: ListMeta
  readonly objects: readonly ApiObject[]
}

interface Position {
  readonly resourceVersion: number
  /** The page starts after this key. */
  readonly after: string
}

/** The page requested by the options, or the error. */
export function listPage(store: ObjectStore, plural: string, options: ListOptions): ListPage | Refusal {
  const position = options.continue === '' ? positionOf(options, store) : readToken(options.continue)
  if ('code' in position) return position
  const { resourceVersion, after } = position
  const all = store.listAt(plural, resourceVersion)
  if (!all)
    return options.continue === '' ? expired('the resourceVersion of the list is too old') : tokenExpired(store, after)
  const matching = all.filter((object) => (after === '' || keyOf(object) > after) && options.matches(object))
  // Responses from the watch cache are not paged.
  const limit = options.resourceVersion === '0' ? 0 : options.limit
  const objects = limit > 0 ? matching.slice(0, limit) : matching
  const remaining = matching.length - objects.length
  const last = objects.at(-1)
  if (remaining === 0 || !last) return { metadata: { resourceVersion: `${resourceVersion}` }, objects }
  const metadata = { resourceVersion: `${resourceVersion}`, continue: writeToken(resourceVersion, keyOf(last)) }
  return { metadata: options.isSelective ? metadata : { ...metadata, remainingItemCount: remaining }, objects }
}

const keyOf = ({ metadata: { namespace, name } }: ApiObject) =>
  namespace === undefined ? name : `${namespace}/${name}`

function positionOf(options: ListOptions, { resourceVersion: current }: ObjectStore): Position | Refusal {
  const { resourceVersion, resourceVersionMatch, limit } = options
  if (resourceVersion === '' || resourceVersion === '0') return { resourceVersion: current, after: '' }
  const wanted = Number(resourceVersion)
  if (wanted > current) return resourceVersionTooLarge(wanted, current)
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0)
  return { resourceVersion: isExact ? wanted : current, after: '' }
}

/** The format of the tokens of kube-apiserver. */
function writeToken(resourceVersion: number, lastKey: string): string {
  const token = { v: 'meta.k8s.io/v1', rv: resourceVersion, start: `${lastKey}\0` }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function readToken(token: string): Position | Refusal {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number; start: string }
    if (typeof rv === 'number' && typeof start === 'string') return { resourceVersion: rv, after: start.slice(0, -1) }
  } catch {
    // Handled below, like a token with other fields.
  }
  return badRequest('invalid continue token: continue key is not valid')
}

/** 410 with a token that continues at the current resourceVersion, without consistency. */
function tokenExpired(store: ObjectStore, after: string): Refusal {
  const message = 'The provided continue parameter is too old to display a consistent list result: start a new list.'
  return { ...expired(message), continue: writeToken(store.resourceVersion, after) }
}
