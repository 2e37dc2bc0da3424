/** An in-memory transport for tests of what is sent and when: it records requests, and the test sets the responses. */

import type { DecodedPoint } from '../../simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../simulator/otlp/metrics-decoder.ts'
import type { Answer, Transport } from '../../src/push/transport.ts'

/** A request as it was sent. */
export interface SentRequest {
  bytes: Buffer
  /** Metric names with their points, in wire order. */
  points: { name: string; point: DecodedPoint }[]
  /** Unix milliseconds; all points must agree. */
  timestampMs: number
  /** Answers; only for requests that were held. */
  answer(answer: Answer): void
  isAborted: boolean
}

export const accepted: Answer = { kind: 'accepted' }
/** A failure of the endpoint or of the content: the message does not say which. */
export const failedWith = (message: string): Answer => ({ kind: 'unavailable', timedOut: false, message })
export const unavailable = failedWith('UNAVAILABLE: away')
export const invalid: Answer = { kind: 'invalid', message: 'INVALID_ARGUMENT: bad point' }
export const tooLarge = (maxBytes?: number): Answer => ({ kind: 'too_large', maxBytes, message: 'larger than max' })

/** The names of the objects in a request, by their label `widget` or `gadget`. */
export const objectsOf = ({ points }: SentRequest): string[] => [
  ...new Set(
    points.map(({ point }) => String(point.attributes.find(([key]) => key === 'widget' || key === 'gadget')?.[1])),
  ),
]

/** `respond` answers each request; with 'hold' it stays open until `answer` is called or it is aborted. */
export const createFakeTransport = (
  respond: (request: SentRequest, index: number) => Answer | 'hold' = () => accepted,
) => {
  const sent: SentRequest[] = []
  const state = { renewals: 0, isClosed: false, respond }
  const transport: Transport = {
    send(bytes, _timeoutMs, signal) {
      const { promise, resolve } = Promise.withResolvers<Answer>()
      const points = decodeMetrics(bytes).flatMap(({ scopes }) =>
        scopes.flatMap(({ metrics }) =>
          metrics.flatMap(({ name, points }) => points.map((point) => ({ name, point }))),
        ),
      )
      const times = new Set(points.map(({ point }) => Number(point.timeUnixNano / 1_000_000n)))
      if (times.size !== 1) throw new Error(`a request with ${times.size} timestamps`)
      const request: SentRequest = {
        bytes,
        points,
        timestampMs: [...times][0] as number,
        answer: resolve,
        isAborted: false,
      }
      signal.addEventListener('abort', () => {
        request.isAborted = true
        resolve({ kind: 'unavailable', timedOut: true, message: 'CANCELLED: given up' })
      })
      sent.push(request)
      const answer = state.respond(request, sent.length - 1)
      if (answer !== 'hold') resolve(answer)
      return promise
    },
    renewCredentials() {
      state.renewals++
    },
    close() {
      state.isClosed = true
    },
  }
  return { transport, sent, state }
}
