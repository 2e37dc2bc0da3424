/** Parses and validates the options of list and watch requests. */

import type { Refusal, StatusCause } from './api-status.ts'
import { badRequest, invalidOptions } from './api-status.ts'
import type { ApiObject, KindDefinition } from './kinds.ts'
import type { ApiRequest } from './request.ts'
import { isTrue } from './request.ts'
import type { Selector } from './selector.ts'
import { parseFieldSelector, parseLabelSelector } from './selector.ts'
import { parseShardSelector } from './shard-selector.ts'

export interface ListOptions {
  /** 0 for no limit. */
  readonly limit: number
  readonly continue: string
  /** `''` when unset, which differs from `0`. */
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly sendInitialEvents: boolean | undefined
  readonly allowWatchBookmarks: boolean
  /** Undefined for a watch without timeout. */
  readonly timeoutSeconds: number | undefined
  readonly matches: (object: ApiObject) => boolean
  /** Whether any selector or namespace restricts the list. */
  readonly isSelective: boolean
}

/** What the server supports. */
export interface ServerFeatures {
  readonly isWatchListServed: boolean
  /** False: `shardSelector` is ignored, like any unknown parameter. */
  readonly hasShardSelectors: boolean
}

/** The options of a request, or the error for invalid ones. */
export function readListOptions(
  request: ApiRequest,
  kind: KindDefinition,
  { isWatchListServed, hasShardSelectors }: ServerFeatures,
): ListOptions | Refusal {
  const { query, resource } = request
  const limit = readInteger(query.get('limit'))
  const timeoutSeconds = readInteger(query.get('timeoutSeconds'))
  if (limit === undefined || timeoutSeconds === undefined) {
    const text = query.get(limit === undefined ? 'limit' : 'timeoutSeconds')
    return badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  }
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', kind)
  if ('code' in fields) return fields
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  if ('code' in labels) return labels
  const isInShard = parseShardSelector(hasShardSelectors ? (query.get('shardSelector') ?? '') : '')
  if ('code' in isInShard) return isInShard
  const matches = matcherOf(fields, labels, resource?.namespace)
  const options = {
    limit: Math.max(0, limit),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: timeoutSeconds > 0 ? timeoutSeconds : undefined,
    matches: (object: ApiObject) => matches(object) && isInShard(object),
    isSelective: fields.isSelective || labels.isSelective,
  }
  return refusalOf(options, request.verb === 'watch', isWatchListServed) ?? options
}

function readInteger(text: string | null): number | undefined {
  if (text === null || text === '') return 0
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

function matcherOf(fields: Selector, labels: Selector, namespace: string | undefined): (object: ApiObject) => boolean {
  const isHere = ({ metadata }: ApiObject) => namespace === undefined || metadata.namespace === namespace
  return (object) => isHere(object) && fields.matches(object) && labels.matches(object)
}

function refusalOf(options: ListOptions, isWatch: boolean, isWatchListServed: boolean): Refusal | undefined {
  const causes = isWatch ? watchCauses(options, isWatchListServed) : listCauses(options)
  if (causes.length > 0) return invalidOptions(causes)
  const { resourceVersion, continue: token } = options
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) return invalidResourceVersion(resourceVersion, isWatch)
  if (!isWatch && token !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    return badRequest('specifying resource version is not allowed when using continue')
  }
  return undefined
}

function listCauses(options: ListOptions): StatusCause[] {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options
  const causes: StatusCause[] = []
  if (match !== '' && resourceVersion === '') {
    causes.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    )
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') causes.push(unsupportedMatch(match))
  if (match === 'Exact' && resourceVersion === '0') {
    causes.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    )
  }
  if (sendInitialEvents !== undefined) {
    causes.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return causes
}

function watchCauses(options: ListOptions, isWatchListServed: boolean): StatusCause[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options
  if (sendInitialEvents === undefined) {
    if (match === '') return []
    const rule = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    return [forbiddenField('resourceVersionMatch', rule)]
  }
  if (match !== 'NotOlderThan') {
    const rule = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    return [forbiddenField('resourceVersionMatch', rule)]
  }
  if (isWatchListServed) return []
  const rule = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
  return [forbiddenField('sendInitialEvents', rule)]
}

const forbiddenField = (field: string, rule: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${rule}`,
  field,
})

const unsupportedMatch = (match: string): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
  field: 'resourceVersionMatch',
})

function invalidResourceVersion(text: string, isWatch: boolean): Refusal {
  const message = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`
  return isWatch ? { code: 500, reason: '', message } : badRequest(`invalid resource version: ${message}`)
}
