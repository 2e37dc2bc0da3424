/** Fault injection for the receiver, equal for both transports: faults as data, and scripts that assign them to requests. */
import { status as grpcStatus } from '@grpc/grpc-js'
import type { DecodedMetric, DecodedPoint, DecodedResource } from './metrics-decoder.ts'

/** One request before it is handled. Reading `decoded` decodes the message, and throws on malformed bytes. */
export interface IncomingRequest {
  /** Counted from 0 over both transports, across restarts. */
  index: number
  transport: 'grpc' | 'http'
  /** The uncompressed message. */
  bytes: Uint8Array
  /** Metadata or HTTP headers, names in lower case. */
  headers: Readonly<Record<string, string>>
  readonly decoded: DecodedResource[]
}

/** A gRPC status; over HTTP the nearest equivalent, or `httpStatus`. */
export interface Refusal {
  kind: 'refusal'
  code: number
  message: string
  /** Sent as a RetryInfo detail, over HTTP also as Retry-After in whole seconds, rounded up. */
  retryAfterMs?: number
  httpStatus?: number
}

/** Some points are rejected: those selected by `rejects`, or else the last `rejectedDataPoints` of the request. */
export interface PartialSuccess {
  kind: 'partial'
  message: string
  /** With `rejects`, the number in the response, by default the true one. */
  rejectedDataPoints?: number
  rejects?: (point: DecodedPoint, metric: DecodedMetric) => boolean
}

/** The response of a fault. `cut` closes the connection, `silence` never responds. */
export type FaultResponse = Refusal | PartialSuccess | { kind: 'success' } | { kind: 'cut' } | { kind: 'silence' }

/** The fault of one request: a delay, how often it is applied, another delay, and the response. */
export interface Fault {
  delayMs?: number
  /** The request also waits for this, so that tests do not depend on time. */
  until?: Promise<unknown>
  /** By default 1 for success and partial success, 0 otherwise. */
  applyTimes?: 0 | 1 | 2
  responseDelayMs?: number
  responseUntil?: Promise<unknown>
  /** Success by default. If the live set rejects the request, the error replaces it, except for `cut` and `silence`. */
  response?: FaultResponse
}

/** Returns the fault of a request, or undefined for none. */
export type FaultScript = (request: IncomingRequest) => Fault | undefined

export interface RefusalOptions {
  message?: string
  retryAfterMs?: number
  httpStatus?: number
  /** The request is applied although an error is returned, as if the response was lost. */
  applied?: boolean
}

/** Rejects requests with a gRPC status code. */
export const refuseWith = (code: number, options: RefusalOptions = {}): Fault => {
  const { message = grpcStatus[code] ?? `code ${code}`, applied = false, ...rest } = options
  return { applyTimes: applied ? 1 : 0, response: { kind: 'refusal', code, message, ...rest } }
}

/** Cuts the connection before or after the request was applied. */
export const cutConnection = (when: 'before' | 'after'): Fault => ({
  applyTimes: when === 'after' ? 1 : 0,
  response: { kind: 'cut' },
})

/** Rejects messages above a size, with the message of grpc-go (HTTP: 413). */
export const limitMessages =
  (maxBytes: number): FaultScript =>
  ({ bytes }) => {
    if (bytes.length <= maxBytes) return undefined
    const message = `grpc: received message larger than max (${bytes.length} vs. ${maxBytes})`
    return refuseWith(grpcStatus.RESOURCE_EXHAUSTED, { message, httpStatus: 413 })
  }

/** UNAUTHENTICATED (401) for requests without exactly that header, such as `authorization: Bearer …`. */
export const requireHeader =
  (name: string, value: string): FaultScript =>
  ({ headers }) =>
    headers[name.toLowerCase()] === value
      ? undefined
      : refuseWith(grpcStatus.UNAUTHENTICATED, { message: `missing or wrong ${name}` })

/** INVALID_ARGUMENT (400) for requests with a point for which `isPoison` is true, such as one that the backend rejects. */
export const poison = (isPoison: (point: DecodedPoint, metric: DecodedMetric) => boolean): FaultScript => {
  const poisoned = (metric: DecodedMetric) => metric.points.some((point) => isPoison(point, metric))
  return ({ decoded }) =>
    decoded.some(({ scopes }) => scopes.some(({ metrics }) => metrics.some(poisoned)))
      ? refuseWith(grpcStatus.INVALID_ARGUMENT, { message: 'invalid data point' })
      : undefined
}

/** Matches points that have at least these attributes: `poison(withAttributes({ namespace: 'a', pod: 'b' }))`. */
export const withAttributes = (wanted: Record<string, string>): ((point: DecodedPoint) => boolean) => {
  const pairs = Object.entries(wanted)
  return ({ attributes }) =>
    pairs.every(([wantedKey, wantedValue]) =>
      attributes.some(([key, value]) => key === wantedKey && value === wantedValue),
    )
}

/** The fault of the first script that returns one. */
export const firstOf =
  (...scripts: FaultScript[]): FaultScript =>
  (request) => {
    for (const script of scripts) {
      const fault = script(request)
      if (fault) return fault
    }
    return undefined
  }

/** One fault after the other for the next requests (`undefined` for none), then none. */
export const inTurn = (...faults: (Fault | undefined)[]): FaultScript => {
  const remaining = [...faults]
  return () => remaining.shift()
}
