/** Owns what an answer means: a table from answers to outcomes, as the OTLP specification has it. Pure. */

import type { Answer, Failed } from './transport.ts'
import { statusCode } from './transport.ts'

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'acknowledged' }
  /** Acknowledged, but for some points that are never sent again; 0 points is a mere warning. */
  | { readonly kind: 'partial'; readonly rejectedPoints: number; readonly message: string }
  /** Try again after the delay, or after one of our own. Whether it arrived is not known. */
  | { readonly kind: 'retryable'; readonly delayMs: number | undefined; readonly message: string }
  /** Refused for its size; `maxBytes` is the limit where the receiver named it. */
  | { readonly kind: 'too_large'; readonly maxBytes: number | undefined; readonly message: string }
  /** Something in it is refused and will be again. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The credentials were refused. */
  | { readonly kind: 'denied'; readonly message: string }
  /** Refused for another reason, for which the specification has no retry. */
  | { readonly kind: 'refused'; readonly message: string }

const retryableCodes: ReadonlySet<number> = new Set([
  statusCode.cancelled,
  statusCode.deadlineExceeded,
  statusCode.aborted,
  statusCode.outOfRange,
  statusCode.unavailable,
  statusCode.dataLoss,
])

/** In the words of grpc-go, grpc-js and of proxies that answer with HTTP's status. */
const tooLarge = /larger than max|exceeds? (?:the )?max|HTTP status code 413/i
const namedLimit = /\(\d+ vs\.? (\d+)\)/

/** Decides what an answer means. `retryResourceExhausted`: also without RetryInfo. */
export function classify(answer: Answer, options: { readonly retryResourceExhausted: boolean }): Outcome {
  if (answer.kind === 'accepted') {
    const { rejectedPoints, message } = answer
    return rejectedPoints === 0 && message === ''
      ? { kind: 'acknowledged' }
      : { kind: 'partial', rejectedPoints, message }
  }
  return classifyFailure(answer, options.retryResourceExhausted)
}

function classifyFailure(failed: Failed, retryResourceExhausted: boolean): Outcome {
  const message = `${nameOf(failed.code)}: ${failed.message}`
  if (retryableCodes.has(failed.code)) return { kind: 'retryable', delayMs: failed.retryDelayMs, message }
  switch (failed.code) {
    case statusCode.invalidArgument:
      return { kind: 'invalid', message }
    case statusCode.unauthenticated:
    case statusCode.permissionDenied:
      return { kind: 'denied', message }
  }
  if (tooLarge.test(failed.message)) {
    const named = namedLimit.exec(failed.message)?.[1]
    return { kind: 'too_large', maxBytes: named === undefined ? undefined : Number(named), message }
  }
  const mayRetry = failed.retryDelayMs !== undefined || retryResourceExhausted
  if (failed.code === statusCode.resourceExhausted && mayRetry) {
    return { kind: 'retryable', delayMs: failed.retryDelayMs, message }
  }
  return { kind: 'refused', message }
}

/** The name of a gRPC status code as specifications write it, or its number. */
function nameOf(code: number): string {
  const names = ['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS']
  names.push('PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE')
  names.push('UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED')
  return names[code] ?? `status ${code}`
}
