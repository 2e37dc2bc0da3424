/** The ways in which a list or a watch ends, as values. What follows is decided in next-step.ts. */

import { ApiRefusal } from '../api-client.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { Status } from '../decode/stream-forms.ts'
import { CredentialsError } from '../transport/connection.ts'

/**
 * How it ended:
 * - `listed`: the list is complete (a watch never ends so);
 * - `ended`: the stream was closed or cut; `silent`: we gave it up because nothing came;
 * - `expired`: the resourceVersion or the continue token is too old; `ahead`: the server has not come so far;
 * - `unsupported`: no streaming lists here;
 * - `unauthorized`, `forbidden`, `absent`, `rejected`: the server says no, and will for a while;
 * - `throttled`, `unavailable`, `unreachable`: weather;
 * - `malformed`: bytes that are no list and no watch.
 */
export type EndingKind =
  | 'listed'
  | 'ended'
  | 'silent'
  | 'expired'
  | 'ahead'
  | 'unsupported'
  | 'unauthorized'
  | 'forbidden'
  | 'absent'
  | 'rejected'
  | 'throttled'
  | 'unavailable'
  | 'unreachable'
  | 'malformed'

export interface Ending {
  readonly kind: EndingKind
  /** In the server's words, or those of the failure; empty when there is nothing to say. */
  readonly reason: string
  /** What the server asks to wait, if it does. */
  readonly retryAfterMs?: number | undefined
}

/** The ending that a Status means: of a refused request, or of an ERROR event in a stream. */
export function endingOfStatus(code: number, status: Status, retryAfterMs?: number): Ending {
  const askedMs = retryAfterMs ?? ((status.details?.retryAfterSeconds ?? 0) * 1000 || undefined)
  const kind = isAhead(status) ? 'ahead' : (kindsByCode[code] ?? (code >= 500 ? 'unavailable' : 'rejected'))
  return { kind, reason: status.message || `HTTP status ${code}`, retryAfterMs: askedMs }
}

const kindsByCode: Readonly<Record<number, EndingKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'absent',
  410: 'expired',
  429: 'throttled',
}

function isAhead(status: Status): boolean {
  return status.details?.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge') ?? false
}

/** The ending that a failure to get an answer means, or one while its body was read (`isAnswered`). */
export function endingOfFailure(failure: unknown, isAnswered: boolean): Ending {
  if (failure instanceof ApiRefusal) return endingOfStatus(failure.code, failure.status, failure.retryAfterMs)
  const reason = wordsOf(failure)
  if (failure instanceof CredentialsError) return { kind: 'unauthorized', reason }
  if (failure instanceof DecodeError) return { kind: 'malformed', reason }
  return { kind: isAnswered ? 'ended' : 'unreachable', reason }
}

/** An error that stands for several, one for each address that was tried, says nothing itself. */
function wordsOf(failure: unknown): string {
  if (failure instanceof AggregateError && failure.errors.length > 0) return wordsOf(failure.errors[0])
  if (!(failure instanceof Error)) return String(failure)
  return failure.message || String((failure as NodeJS.ErrnoException).code ?? failure.name)
}
