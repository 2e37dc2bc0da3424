/** The ways in which a list or a watch ends, as values. What follows is decided in next-step.ts. */

import { reasonOf } from '../../telemetry/failure-reason.ts'
import { ApiRefusal } from '../api-client.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { Status } from '../decode/stream-forms.ts'
import { CredentialsError } from '../transport/connection.ts'

/**
 * How it ended:
 * - `listed`: the list is complete (a watch never ends so);
 * - `ended`: the stream was closed or cut; `silent`: we gave it up because nothing came;
 * - `expired`: the resourceVersion or the continue token is too old; `ahead`: the server has not come so far;
 * - `unsupported`: no streaming lists here; `unacceptable`: the requested form is not to be had (406, 415);
 * - `unauthorized`, `forbidden`, `absent`: the server refuses, and will for a while;
 * - `invalid`: the API server says that there cannot be such a request (400, 422); `rejected`: any other refusal, a
 *   proxy's among them;
 * - `throttled`, `unavailable`, `unreachable`: expected to pass by themselves;
 * - `malformed`: bytes that are no list and no watch.
 */
export type EndingKind =
  | 'listed'
  | 'ended'
  | 'silent'
  | 'expired'
  | 'ahead'
  | 'unsupported'
  | 'unacceptable'
  | 'unauthorized'
  | 'forbidden'
  | 'absent'
  | 'invalid'
  | 'rejected'
  | 'throttled'
  | 'unavailable'
  | 'unreachable'
  | 'malformed'

export interface Ending {
  readonly kind: EndingKind
  /** The message of the server or of the failure; empty when there is none. */
  readonly reason: string
  /** What the server asks to wait, if it does. */
  readonly retryAfterMs?: number | undefined
}

/**
 * The ending that a refusal means: of a request, or of an ERROR event in a stream. `status` is undefined when something
 * else than an API server answered.
 */
export function endingOfStatus(code: number, status: Status | undefined, retryAfterMs?: number): Ending {
  const bodyRetryAfterMs = (status?.details?.retryAfterSeconds ?? 0) * 1000 || undefined
  return {
    kind: kindOf(code, status),
    reason: status?.message || `HTTP status ${code}`,
    retryAfterMs: retryAfterMs ?? bodyRetryAfterMs,
  }
}

function kindOf(code: number, status: Status | undefined): EndingKind {
  if (isAhead(status)) return 'ahead'
  if (status !== undefined && (code === 400 || code === 422)) return 'invalid'
  return kindsByCode[code] ?? (code >= 500 ? 'unavailable' : 'rejected')
}

const kindsByCode: Readonly<Record<number, EndingKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'absent',
  406: 'unacceptable',
  410: 'expired',
  415: 'unacceptable',
  429: 'throttled',
}

function isAhead(status: Status | undefined): boolean {
  return status?.details?.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge') ?? false
}

/** The ending that a failure to get an answer means, or one while its body was read (`isAnswered`). */
export function endingOfFailure(failure: unknown, isAnswered: boolean): Ending {
  if (failure instanceof ApiRefusal) return endingOfStatus(failure.code, failure.status, failure.retryAfterMs)
  const reason = reasonOf(failure)
  if (failure instanceof CredentialsError) return { kind: 'unauthorized', reason }
  if (failure instanceof DecodeError) return { kind: 'malformed', reason }
  return { kind: isAnswered ? 'ended' : 'unreachable', reason }
}
