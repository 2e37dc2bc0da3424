/** The end of a gRPC call in the neutral terms of the push, by the table of the OTLP specification. Pure. */

import { status } from '@grpc/grpc-js'
import { readRetryDelay } from './status-details.ts'
import type { Answer } from './transport.ts'
import { refusesTime } from './transport.ts'

/** A failed call: gRPC's status, and the bytes of `grpc-status-details-bin` where the receiver sent some. */
export interface FailedCall {
  readonly code: number
  readonly message: string
  readonly details: Uint8Array | undefined
  /** No answer came in time, or the request was given up. */
  readonly timedOut: boolean
}

/** In the words of grpc-go, grpc-js and of proxies that answer with a status of HTTP. */
const tooLarge = /larger than max|exceeds? (?:the )?max|HTTP status code 413/i
const statedLimit = /\(\d+ vs\.? (\d+)\)|larger than max (\d+)/

/** `retryResourceExhausted`: RESOURCE_EXHAUSTED without RetryInfo asks for a delay too, which OTLP does not say. */
export function failedAnswer(
  { code, message: text, details, timedOut }: FailedCall,
  { retryResourceExhausted }: { readonly retryResourceExhausted: boolean },
): Answer {
  const message = `${status[code] ?? `status ${code}`}: ${text}`
  if (code === status.INVALID_ARGUMENT)
    return refusesTime(text) ? { kind: 'unavailable', timedOut: false, message } : { kind: 'invalid', message }
  if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) return { kind: 'denied', message }
  if (retryableCodes.has(code)) return retryableAnswer(timedOut, message, details)
  const delayMs = details && readRetryDelay(details)
  // A delay helps a quota; no receiver asks for one because a message is too large.
  if (code === status.RESOURCE_EXHAUSTED && delayMs !== undefined) return { kind: 'retry_after', delayMs, message }
  if (tooLarge.test(text)) {
    const limits = statedLimit.exec(text)
    const stated = limits?.[1] ?? limits?.[2]
    return { kind: 'too_large', maxBytes: stated === undefined ? undefined : Number(stated), message }
  }
  if (code === status.RESOURCE_EXHAUSTED && retryResourceExhausted) {
    return { kind: 'retry_after', delayMs: undefined, message }
  }
  return { kind: 'unavailable', timedOut: false, message }
}

const retryableCodes: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

function retryableAnswer(timedOut: boolean, message: string, details: Uint8Array | undefined): Answer {
  const delayMs = details && readRetryDelay(details)
  if (delayMs !== undefined) return { kind: 'retry_after', delayMs, message }
  return { kind: 'unavailable', timedOut, message }
}
