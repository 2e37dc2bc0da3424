/** A receiver with clients for one test, and the expected responses. */
import { expect, onTestFinished } from 'vitest'
import type { OtlpReceiverOptions } from '../../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../../simulator/otlp/receiver.ts'
import { createGrpcClient, gauges, post } from './requests.ts'

/** A receiver and clients for both transports, closed when the test ends. */
export const openReceiver = async (options: OtlpReceiverOptions = {}, clientOptions = {}) => {
  const receiver = await createOtlpReceiver(options)
  const client = createGrpcClient(receiver.grpcAddress, clientOptions)
  onTestFinished(async () => {
    client.close()
    await receiver.close()
  })
  return {
    receiver,
    send: client.send,
    post: (body: Buffer, headers = {}) => post(receiver.httpAddress, body, headers),
  }
}

/** A request with one sample of the series `m`. */
export const sample = (timeMs: number, value = 1) => gauges([['m', { timeMs, value }]])

/** 5000 series in one request. */
export const large = gauges([
  ['m', ...Array.from({ length: 5000 }, (_, index) => ({ timeMs: 1, value: 1, labels: { i: `${index}` } }))],
])

/** What a gRPC client gets on full success, and on an error of that code. */
export const success = Buffer.alloc(0)
export const failure = (code: number, details: unknown = expect.any(String)) =>
  expect.objectContaining({ code, details })
