/** Owns what a list request yields: which objects, from which moment, in which pages. */

import type { ListMeta } from '../protobuf-envelope.ts'
import type { Refusal } from './api-status.ts'
import { badRequest, expired, resourceVersionTooLarge } from './api-status.ts'
import type { ApiObject } from './kinds.ts'
import type { ListOptions } from './list-options.ts'
import type { ObjectStore } from './object-store.ts'

/** One page. */
export interface ListPage {
  readonly metadata: ListMeta
  readonly objects: readonly ApiObject[]
}

interface Moment {
  readonly resourceVersion: number
  /** The key after which the page begins. */
  readonly after: string
}

/** The page that the options ask for, or how the API server refuses it. */
export function listPage(store: ObjectStore, plural: string, options: ListOptions): ListPage | Refusal {
  const moment = options.continue === '' ? momentOf(options, store) : readToken(options.continue)
  if ('code' in moment) return moment
  const { resourceVersion, after } = moment
  const all = store.listAt(plural, resourceVersion)
  if (!all)
    return options.continue === '' ? expired('the resourceVersion of the list is too old') : tokenExpired(store, after)
  const matching = all.filter((object) => (after === '' || keyOf(object) > after) && options.matches(object))
  // Answers from the watch cache come whole.
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

function momentOf(options: ListOptions, { resourceVersion: current }: ObjectStore): Moment | Refusal {
  const { resourceVersion, resourceVersionMatch, limit } = options
  if (resourceVersion === '' || resourceVersion === '0') return { resourceVersion: current, after: '' }
  const wanted = Number(resourceVersion)
  if (wanted > current) return resourceVersionTooLarge(wanted, current)
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0)
  return { resourceVersion: isExact ? wanted : current, after: '' }
}

/** The form of kube-apiserver's own tokens. */
function writeToken(resourceVersion: number, lastKey: string): string {
  const token = { v: 'meta.k8s.io/v1', rv: resourceVersion, start: `${lastKey}\0` }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function readToken(token: string): Moment | Refusal {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: number; start: string }
    if (typeof rv === 'number' && typeof start === 'string') return { resourceVersion: rv, after: start.slice(0, -1) }
  } catch {
    // Told below, like a token of another shape.
  }
  return badRequest('invalid continue token: continue key is not valid')
}

/** 410 with a token that goes on from the present, at the price of consistency. */
function tokenExpired(store: ObjectStore, after: string): Refusal {
  const message = 'The provided continue parameter is too old to display a consistent list result: start a new list.'
  return { ...expired(message), continue: writeToken(store.resourceVersion, after) }
}
