/** Requests for tests of the receiver, encoded by protobufjs and sent over gRPC or HTTP. */
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders as Http2Headers } from 'node:http2'
import { connect } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { ClientOptions, ServiceError } from '@grpc/grpc-js'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { exportPath, metricsService } from '../../../simulator/otlp/grpc-endpoint.ts'
import { messageType } from '../../../simulator/otlp/message-types.ts'

export interface TestPoint {
  labels?: Record<string, string>
  timeMs: number
  /** Undefined for a stale marker. */
  value?: number
  startMs?: number
}

/** `[metric name, points…]` */
export type TestMetric = [name: string, ...points: TestPoint[]]

const nanos = (ms: number) => {
  const value = BigInt(ms) * 1_000_000n
  return { low: Number(BigInt.asIntN(32, value)), high: Number(value >> 32n), unsigned: true }
}

export const wireAttributes = (labels: Record<string, string>) =>
  Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }))

const wirePoint = ({ labels = {}, timeMs, value, startMs }: TestPoint) => ({
  attributes: wireAttributes(labels),
  timeUnixNano: nanos(timeMs),
  ...(startMs === undefined ? {} : { startTimeUnixNano: nanos(startMs) }),
  ...(value === undefined ? { flags: 1 } : { asDouble: value }),
})

export const defaultResource = { 'service.name': 'kube-state-metrics', 'service.instance.id': 'uid-1' }

/** The bytes of a request of one resource with gauges. */
export const gauges = (metrics: TestMetric[], resource: Record<string, string> = defaultResource): Buffer =>
  encodeRequest({
    resourceMetrics: [
      {
        resource: { attributes: wireAttributes(resource) },
        scopeMetrics: [
          { metrics: metrics.map(([name, ...points]) => ({ name, gauge: { dataPoints: points.map(wirePoint) } })) },
        ],
      },
    ],
  })

/** The bytes of a request given in the receiver's own descriptors. */
export const encodeRequest = (request: object): Buffer =>
  Buffer.from(messageType('ExportMetricsServiceRequest').encode(request).finish())

/** Exports over one gRPC channel with metadata; resolves with the bytes of the response or with the error. */
export const createGrpcClient = (
  address: string,
  options: ClientOptions = {},
  channel = credentials.createInsecure(),
) => {
  const client = new Client(address, channel, {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  })
  const { path, requestSerialize, responseDeserialize } = metricsService.Export
  return {
    close: () => client.close(),
    send(bytes: Buffer, headers: Record<string, string> = {}, deadlineMs = 10_000) {
      const metadata = new Metadata()
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
      return new Promise<Buffer | ServiceError>((resolve) => {
        const done = (error: ServiceError | null, answer?: Buffer) => resolve(error ?? answer ?? Buffer.alloc(0))
        const callOptions = { deadline: Date.now() + deadlineMs }
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, bytes, metadata, callOptions, done)
      })
    },
  }
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** One POST; rejects if the connection ends without a response. */
export const post = (address: string, body: Buffer, headers: Record<string, string> = {}, path = '/v1/metrics') =>
  new Promise<HttpAnswer>((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/x-protobuf', ...headers } }
    const sent = httpRequest(`http://${address}${path}`, options, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        reject,
      )
    })
    sent.on('error', reject).end(body)
  })

/** One POST over TLS; resolves to the status, rejects when the handshake or the connection fails. */
export const postSecure = (address: string, body: Buffer, tls: { ca: Buffer; key?: string; cert?: string }) =>
  new Promise<number>((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      ...tls,
      agent: false as const,
    }
    const sent = httpsRequest(`https://${address}/v1/metrics`, options, (response) => {
      response
        .resume()
        .on('end', () => resolve(response.statusCode ?? 0))
        .on('error', reject)
    })
    sent.on('error', reject).end(body)
  })

/** One gRPC call framed by hand, for encodings that the client of grpc-js lacks; `bytes` are already compressed. */
export const sendFramed = (address: string, encoding: string, bytes: Buffer) =>
  new Promise<{ status: string; acceptEncoding: string }>((resolve, reject) => {
    const session = connect(`http://${address}`).on('error', reject)
    const headers = { ':method': 'POST', ':path': exportPath, 'content-type': 'application/grpc', te: 'trailers' }
    const stream = session.request({ ...headers, 'grpc-encoding': encoding }).on('error', reject)
    const heard: Http2Headers = {}
    stream.on('response', (response) => Object.assign(heard, response))
    stream.on('trailers', (trailers) => Object.assign(heard, trailers))
    stream.resume().on('end', () => {
      session.close()
      resolve({ status: String(heard['grpc-status']), acceptEncoding: String(heard['grpc-accept-encoding']) })
    })
    const prefix = Buffer.alloc(5)
    prefix.writeUInt8(1, 0)
    prefix.writeUInt32BE(bytes.length, 1)
    stream.end(Buffer.concat([prefix, bytes]))
  })
