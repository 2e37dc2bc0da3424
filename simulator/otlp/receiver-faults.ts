// Owns the faults a receiver can be told to have, as data and as ready-made scripts. Refuses to carry them out: the
// exchange does, in the same way for both transports.
import { status as grpcStatus } from '@grpc/grpc-js'
import type { DecodedMetric, DecodedPoint, DecodedResource } from './metrics-decoder.ts'

/** One request before it is dealt with. `decoded` decodes when read, and throws on malformed bytes. */
export interface IncomingRequest {
  /** Counts from 0 over both transports and through restarts. */
  index: number
  transport: 'grpc' | 'http'
  /** The uncompressed message. */
  bytes: Uint8Array
  /** Metadata or HTTP headers, names in lower case. */
  headers: Readonly<Record<string, string>>
  readonly decoded: DecodedResource[]
}

/** A gRPC status; over HTTP its nearest equivalent, or `httpStatus`. */
export interface Refusal {
  kind: 'refusal'
  code: number
  message: string
  /** Sent as a RetryInfo detail, over HTTP also as Retry-After in whole seconds, rounded up. */
  retryAfterMs?: number
  httpStatus?: number
}

/** Some points are not taken: those that `rejects` names, or else the last `rejectedDataPoints` of the request. */
export interface PartialSuccess {
  kind: 'partial'
  message: string
  /** With `rejects` only what the answer says, which is the true number by default. */
  rejectedDataPoints?: number
  rejects?: (point: DecodedPoint, metric: DecodedMetric) => boolean
}

/** What the client hears. `cut` closes its connection, `silence` never answers. */
export type FaultResponse = Refusal | PartialSuccess | { kind: 'success' } | { kind: 'cut' } | { kind: 'silence' }

/** What happens to one request: wait, apply so many times, wait again, response. */
export interface Fault {
  delayMs?: number
  /** Waits for this as well, so that tests need not guess at times. */
  until?: Promise<unknown>
  /** By default once for a success or a partial one, and not at all otherwise. */
  applyTimes?: 0 | 1 | 2
  responseDelayMs?: number
  responseUntil?: Promise<unknown>
  /** Success by default. A request that the live set refuses is told so whatever stands here, unless cut or silent. */
  response?: FaultResponse
}

/** Decides on each request; undefined lets it pass without fault. */
export type FaultScript = (request: IncomingRequest) => Fault | undefined

/** Options of a refusal. */
export interface RefusalOptions {
  message?: string
  retryAfterMs?: number
  httpStatus?: number
  /** The answer is lost, not the request: it is applied although an error is returned. */
  applied?: boolean
}

/** Refuses with a gRPC status code. */
export const refuseWith = (code: number, options: RefusalOptions = {}): Fault => {
  const { message = grpcStatus[code] ?? `code ${code}`, applied = false, ...rest } = options
  return { applyTimes: applied ? 1 : 0, response: { kind: 'refusal', code, message, ...rest } }
}

/** Cuts the connection before or after the request was applied. */
export const cutConnection = (when: 'before' | 'after'): Fault => ({
  applyTimes: when === 'after' ? 1 : 0,
  response: { kind: 'cut' },
})

/** Refuses messages above a size, in the words of grpc-go (HTTP: 413). */
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

/** INVALID_ARGUMENT (400) for requests that hold a point for which `isPoison` says so, as with a value no backend takes. */
export const poison = (isPoison: (point: DecodedPoint, metric: DecodedMetric) => boolean): FaultScript => {
  const poisoned = (metric: DecodedMetric) => metric.points.some((point) => isPoison(point, metric))
  return ({ decoded }) =>
    decoded.some(({ scopes }) => scopes.some(({ metrics }) => metrics.some(poisoned)))
      ? refuseWith(grpcStatus.INVALID_ARGUMENT, { message: 'invalid data point' })
      : undefined
}

/** The points with exactly these attributes among theirs: `poison(withAttributes({ namespace: 'a', pod: 'b' }))`. */
export const withAttributes = (wanted: Record<string, string>): ((point: DecodedPoint) => boolean) => {
  const pairs = Object.entries(wanted)
  return ({ attributes }) =>
    pairs.every(([wantedKey, wantedValue]) =>
      attributes.some(([key, value]) => key === wantedKey && value === wantedValue),
    )
}

/** The first script that has something to say. */
export const firstOf =
  (...scripts: FaultScript[]): FaultScript =>
  (request) => {
    for (const script of scripts) {
      const fault = script(request)
      if (fault) return fault
    }
    return undefined
  }

/** These faults to the next requests in turn, `undefined` for none; then none at all. */
export const inTurn = (...faults: (Fault | undefined)[]): FaultScript => {
  const remaining = [...faults]
  return () => remaining.shift()
}
