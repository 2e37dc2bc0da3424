/** The metav1.Status objects of error responses. */

import { int, list, message, pointer, schema, string } from '../../src/schemas/schema.ts'
import { qualifiedPlural } from './kinds.ts'

export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field?: string
}

/** The content of a metav1.Status for an error. */
export interface Refusal {
  readonly code: number
  /** Empty for errors without a reason of their own. */
  readonly reason: string
  readonly message: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly causes?: readonly StatusCause[]
    /** Also sent as the `Retry-After` header. */
    readonly retryAfterSeconds?: number
  }
  /** The token with which the list can be continued. */
  readonly continue?: string
}

/** The protobuf form of a Status. */
export const StatusSchema = schema({
  metadata: message(1, schema({ selfLink: string(1), resourceVersion: string(2), continue: string(3) })),
  status: string(2),
  message: string(3),
  reason: string(4),
  details: pointer(
    message(
      5,
      schema({
        name: string(1),
        group: string(2),
        kind: string(3),
        causes: list(message(4, schema({ reason: string(1), message: string(2), field: string(3) }))),
        retryAfterSeconds: int(5),
        uid: string(6),
      }),
    ),
  ),
  code: int(6),
})

/** The JSON form of a Status. */
export function statusObject(refusal: Refusal): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: refusal.continue === undefined ? {} : { continue: refusal.continue },
    status: 'Failure',
    message: refusal.message,
    ...(refusal.reason === '' ? {} : { reason: refusal.reason }),
    ...(refusal.details ? { details: refusal.details } : {}),
    code: refusal.code,
  }
}

/** The parts of a request that error messages name. */
export interface Subject {
  readonly plural: string
  readonly group: string
  readonly namespace?: string
  readonly name?: string
  readonly verb: string
  readonly user: string
}

/** 401 */
export const unauthorized = (): Refusal => ({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })

/** 403 with the message of the RBAC authorizer. */
export function forbidden({ plural, group, namespace, name, verb, user }: Subject): Refusal {
  const what = name === undefined ? qualifiedPlural(plural, group) : `${qualifiedPlural(plural, group)} "${name}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`
  return { code: 403, reason: 'Forbidden', message, details: { ...named({ name, group }), kind: plural } }
}

/** 404 for an object. */
export function notFound({ plural, group, name = '' }: Pick<Subject, 'plural' | 'group' | 'name'>): Refusal {
  const message = `${qualifiedPlural(plural, group)} "${name}" not found`
  return { code: 404, reason: 'NotFound', message, details: { ...named({ name, group }), kind: plural } }
}

/** 404 for an unknown resource. */
export const unknownResource = (): Refusal => ({
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
})

/** 405 */
export const methodNotAllowed = (): Refusal => ({
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
})

/** 409 for a name that already exists. */
export function alreadyExists({ plural, group, name = '' }: Pick<Subject, 'plural' | 'group' | 'name'>): Refusal {
  const message = `${qualifiedPlural(plural, group)} "${name}" already exists`
  return { code: 409, reason: 'AlreadyExists', message, details: { ...named({ name, group }), kind: plural } }
}

/** 409 for an update with an outdated resourceVersion. */
export function conflict({ plural, group, name = '' }: Pick<Subject, 'plural' | 'group' | 'name'>): Refusal {
  const message = `Operation cannot be fulfilled on ${qualifiedPlural(plural, group)} "${name}": the object has been modified`
  return { code: 409, reason: 'Conflict', message, details: { ...named({ name, group }), kind: plural } }
}

/** 400 */
export const badRequest = (message: string): Refusal => ({ code: 400, reason: 'BadRequest', message })

/** 406 */
export const notAcceptable = (message: string): Refusal => ({ code: 406, reason: 'NotAcceptable', message })

/** 410 for a resourceVersion older than the history. */
export const expired = (message: string): Refusal => ({ code: 410, reason: 'Expired', message })

/** 422 for an invalid combination of list options. */
export function invalidOptions(causes: readonly StatusCause[]): Refusal {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`)
  const all = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  return {
    code: 422,
    reason: 'Invalid',
    message: `ListOptions.meta.k8s.io "" is invalid: ${all}`,
    details: { group: 'meta.k8s.io', kind: 'ListOptions', causes },
  }
}

/** 429, as sent by API Priority and Fairness. */
export const tooManyRequests = (retryAfterSeconds = 1): Refusal => ({
  code: 429,
  reason: 'TooManyRequests',
  message: 'the server has received too many requests and has asked us to try again later',
  details: { retryAfterSeconds },
})

/** 500 and other 5xx. */
export const serverError = (code = 500, message = 'an error on the server has prevented the request'): Refusal => ({
  code,
  reason: serverErrorReasons.get(code) ?? '',
  message,
})

const serverErrorReasons = new Map([
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
])

/** 504 for a resourceVersion above the server's own. */
export const resourceVersionTooLarge = (wanted: number, current: number): Refusal => ({
  code: 504,
  reason: 'Timeout',
  message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
  details: {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  },
})

function named({ name, group }: { readonly name?: string | undefined; readonly group: string }): {
  name?: string
  group?: string
} {
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }) }
}
