/** Handles one request independent of its transport: injects the fault, applies it to the live set and counts the result. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { status as grpcStatus } from '@grpc/grpc-js'
import type { LiveSet } from './live-set.ts'
import type { DecodedMetric, DecodedResource } from './metrics-decoder.ts'
import { decodeMetrics } from './metrics-decoder.ts'
import type { Fault, FaultResponse, FaultScript, IncomingRequest, PartialSuccess, Refusal } from './receiver-faults.ts'
import { encodePartialSuccess, fullSuccess } from './response-messages.ts'

/** `full` updates the live set; `count` only counts requests and bytes, for benchmarks. */
export type DecodeMode = 'full' | 'count'

/** Totals since the receiver was created, across restarts. */
export interface ReceivedCounters {
  requests: number
  /** Responses with success, and with partial success. */
  accepted: number
  partial: number
  refused: number
  /** Connections closed and responses withheld by a fault. */
  cut: number
  silenced: number
  /** Messages that cannot be decoded; also counted as refused. */
  malformed: number
  /** Uncompressed message bytes. */
  bytes: number
}

/** What the transport does to complete the request. */
export type RequestResult = { kind: 'response'; body: Uint8Array } | Refusal | { kind: 'cut' } | { kind: 'silence' }

/** The part of a request that the transport provides. */
export type Received = Pick<IncomingRequest, 'transport' | 'bytes' | 'headers'>

export interface RequestHandler {
  readonly counters: Readonly<ReceivedCounters>
  setFaults(script: FaultScript | undefined): void
  /** Never rejects. When the signal aborts, a delayed request ends as `cut` and is not applied any more. */
  handle(received: Received, signal: AbortSignal): Promise<RequestResult>
}

const asIncoming = (received: Received, index: number): IncomingRequest => {
  let decoded: DecodedResource[] | undefined
  return {
    ...received,
    index,
    get decoded() {
      decoded ??= decodeMetrics(received.bytes)
      return decoded
    },
  }
}

/** The request without the rejected points, and the number to report. */
const withoutRejected = (request: DecodedResource[], partial: PartialSuccess) => {
  const metrics = request.flatMap(({ scopes }) => scopes.flatMap((scope) => scope.metrics))
  const total = metrics.reduce((sum, { points }) => sum + points.length, 0)
  let remaining = total - (partial.rejectedDataPoints ?? 0)
  const isRejected = partial.rejects ?? (() => remaining-- <= 0)
  let rejected = 0
  const keepAccepted = (metric: DecodedMetric): DecodedMetric[] => {
    const points = metric.points.filter((point) => !isRejected(point, metric))
    rejected += metric.points.length - points.length
    return points.length === 0 && metric.points.length > 0 ? [] : [{ ...metric, points }]
  }
  const accepted = request.map((resource) => ({
    ...resource,
    scopes: resource.scopes.map((scope) => ({ ...scope, metrics: scope.metrics.flatMap(keepAccepted) })),
  }))
  return { accepted, reported: partial.rejects ? (partial.rejectedDataPoints ?? rejected) : rejected }
}

/** Applies a request `times` times. Returns the reason if the live set rejects the last one. */
const applyTimes = (liveSet: LiveSet, request: DecodedResource[], bytes: number, times: number): string | undefined => {
  let reason: string | undefined
  for (let time = 0; time < times; time++) {
    const outcome = liveSet.apply(request, bytes)
    reason = outcome.accepted ? undefined : outcome.reason
  }
  return reason
}

const timesOf = ({ applyTimes, response }: Fault): number =>
  applyTimes ?? (response === undefined || response.kind === 'success' || response.kind === 'partial' ? 1 : 0)

const malformed = (error: unknown): Refusal => ({
  kind: 'refusal',
  code: grpcStatus.INTERNAL,
  message: `grpc: error unmarshalling request: ${error instanceof Error ? error.message : String(error)}`,
  httpStatus: 400,
})

const endsWithoutResponse = (response: FaultResponse | undefined): response is { kind: 'cut' } | { kind: 'silence' } =>
  response?.kind === 'cut' || response?.kind === 'silence'

/** Rejects when the signal aborts. */
const wait = async (delayMs: number | undefined, until: Promise<unknown> | undefined, signal: AbortSignal) => {
  if (delayMs) await sleep(delayMs, undefined, { signal })
  if (!until) return
  const settled = new AbortController()
  const aborted = once(signal, 'abort', { signal: settled.signal })
  aborted.catch(() => {})
  await Promise.race([until, aborted]).finally(() => settled.abort())
  signal.throwIfAborted()
}

const noReceived = (): ReceivedCounters => ({
  requests: 0,
  accepted: 0,
  partial: 0,
  refused: 0,
  cut: 0,
  silenced: 0,
  malformed: 0,
  bytes: 0,
})

const counterOf = { refusal: 'refused', cut: 'cut', silence: 'silenced' } as const

/** Creates a handler over a live set; `script` is the initial fault script. */
export const createRequestHandler = (decode: DecodeMode, liveSet: LiveSet, script?: FaultScript): RequestHandler => {
  const counters = noReceived()
  let currentScript = script

  const applyAndRespond = (request: IncomingRequest, fault: Fault): RequestResult => {
    const { response } = fault
    const times = decode === 'full' ? timesOf(fault) : 0
    const partial = response?.kind === 'partial' ? withoutRejected(request.decoded, response) : undefined
    const applied = times > 0 ? (partial?.accepted ?? request.decoded) : []
    const reason = applyTimes(liveSet, applied, request.bytes.length, times)
    if (endsWithoutResponse(response)) return response
    if (reason !== undefined) return { kind: 'refusal', code: grpcStatus.INVALID_ARGUMENT, message: reason }
    if (response?.kind === 'refusal') return response
    if (response?.kind !== 'partial' || partial === undefined) return { kind: 'response', body: fullSuccess }
    return { kind: 'response', body: encodePartialSuccess(partial.reported, response.message) }
  }

  const run = async (request: IncomingRequest, signal: AbortSignal): Promise<RequestResult> => {
    const fault = currentScript?.(request) ?? {}
    await wait(fault.delayMs, fault.until, signal)
    const end = applyAndRespond(request, fault)
    await wait(fault.responseDelayMs, fault.responseUntil, signal)
    return end
  }

  const count = (end: RequestResult): void => {
    if (end.kind !== 'response') counters[counterOf[end.kind]]++
    else if (end.body === fullSuccess) counters.accepted++
    else counters.partial++
  }

  const handle = async (received: Received, signal: AbortSignal): Promise<RequestResult> => {
    const request = asIncoming(received, counters.requests++)
    counters.bytes += received.bytes.length
    const end = await run(request, signal).catch((error: unknown): RequestResult => {
      if (signal.aborted) return { kind: 'cut' }
      counters.malformed++
      return malformed(error)
    })
    count(end)
    return end
  }

  return {
    counters,
    setFaults: (next) => {
      currentScript = next
    },
    handle,
  }
}
