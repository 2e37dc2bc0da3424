/**
 * An OTLP receiver as a process of its own, over gRPC and HTTP: counts points and bytes, and records when each mark of the
 * churn arrives for the first time; with the argument `live` it keeps the set of live series too. Its parent process asks for
 * the counts by IPC.
 */

import { createGrpcEndpoint } from '../../simulator/otlp/grpc-endpoint.ts'
import { createHttpEndpoint } from '../../simulator/otlp/otlp-http-endpoint.ts'
import type { RequestHandler } from '../../simulator/otlp/request-handler.ts'
import { fullSuccess } from '../../simulator/otlp/response-messages.ts'
import { createSocketListener } from '../../simulator/otlp/socket-listener.ts'
import { createLiveSeries } from './live-series.ts'
import { firstMark, markMetric } from './marks.ts'
import { countPoints } from './otlp-points.ts'
import type { SinkReport } from './sink-process.ts'

const live = process.argv[2] === 'live' ? createLiveSeries() : undefined
const arrivals = new Map<number, number>()
const counters = { requests: 0, accepted: 0, partial: 0, refused: 0, cut: 0, silenced: 0, malformed: 0, bytes: 0 }
let points = 0
let stale = 0

const requests: RequestHandler = {
  counters,
  setFaults() {},
  async handle({ bytes }) {
    const nowMs = Date.now()
    counters.requests++
    counters.bytes += bytes.length
    const request = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const counted = countPoints(request, markMetric)
    live?.apply(request)
    points += counted.points
    stale += counted.stale
    for (const value of counted.values) if (value >= firstMark && !arrivals.has(value)) arrivals.set(value, nowMs)
    return { kind: 'response', body: fullSuccess }
  },
}

const { signal } = new AbortController()
const grpcListener = createSocketListener('127.0.0.1', 0, (socket) => grpc.accept(socket))
const grpc = createGrpcEndpoint(requests, undefined, grpcListener.cut, signal)
const http = createHttpEndpoint(requests, undefined, signal)
const httpListener = createSocketListener('127.0.0.1', 0, (socket) => http.accept(socket))
await Promise.all([grpcListener.open(), httpListener.open()])

process.on('message', () => {
  const report: SinkReport = {
    points,
    stale,
    requests: counters.requests,
    bytes: counters.bytes,
    arrivals: [...arrivals],
    live: live && { series: live.size, staleOfUnknown: live.staleOfUnknown },
  }
  process.send?.(report)
})
process.on('disconnect', () => process.exit())
process.send?.({ grpcAddress: grpcListener.address(), httpAddress: httpListener.address() })
