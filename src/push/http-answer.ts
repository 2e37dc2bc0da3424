/** A response of OTLP/HTTP in the neutral terms of the push, by the table of the OTLP specification. Pure. */

import { readExportResponse, readStatusMessage } from './status-details.ts'
import type { Answer } from './transport.ts'
import { refusesTime } from './transport.ts'

/** What a server answered. */
export interface HttpResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

const protobufType = 'application/x-protobuf'
const maxTextLength = 300
/** Some servers answer a compression that they do not know with 400, which says nothing about the content. */
const unknownCompression = /unsupported "?(?:compression|content.?encoding)/i

/** `wallMs` is the time by which a date in Retry-After is understood. */
export function httpAnswer(response: HttpResponse, wallMs: number): Answer {
  const { status, headers, body } = response
  const isProtobuf = String(headers['content-type'] ?? '').startsWith(protobufType)
  if (status >= 200 && status < 300) return isProtobuf ? readExportResponse(body) : { kind: 'accepted' }
  const text = redirectText(response) ?? (isProtobuf ? readStatusMessage(body) : undefined) ?? printable(body)
  const message = text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`
  switch (status) {
    case 400:
      return unknownCompression.test(text) || refusesTime(text)
        ? { kind: 'unavailable', timedOut: false, message }
        : { kind: 'invalid', message }
    case 422:
      return { kind: 'invalid', message }
    case 401:
    case 403:
      return { kind: 'denied', message }
    case 413:
      return { kind: 'too_large', maxBytes: undefined, message }
    case 429:
    case 502:
    case 503:
    case 504:
      return retryable(status, retryAfterMs(headers['retry-after'], wallMs), message)
    default:
      return { kind: 'unavailable', timedOut: false, message }
  }
}

/** Redirects are not followed: credentials would go to an address that is not configured. */
function redirectText({ status, headers }: HttpResponse): string | undefined {
  const { location } = headers
  return status >= 300 && status < 400 && typeof location === 'string'
    ? `redirect to ${printable(Buffer.from(location))}`
    : undefined
}

function retryable(status: number, delayMs: number | undefined, message: string): Answer {
  if (delayMs === undefined && status !== 429) return { kind: 'unavailable', timedOut: false, message }
  return { kind: 'retry_after', delayMs, message }
}

/** Seconds or a date. */
function retryAfterMs(value: string | string[] | undefined, wallMs: number): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const seconds = Number(value)
  const delayMs = Number.isNaN(seconds) ? Date.parse(value) - wallMs : 1000 * seconds
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs)
}

/** The body of a proxy may hold anything. */
function printable(body: Buffer): string {
  return body
    .toString('utf8', 0, maxTextLength)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}
