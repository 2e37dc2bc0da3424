/** The receiver accepts requests over both transports, compressed, encrypted, and after a restart. */
import { connect } from 'node:net'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { credentials, status as grpcStatus } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { createOtlpReceiver } from '../../../simulator/otlp/receiver.ts'
import { cutConnection, inTurn } from '../../../simulator/otlp/receiver-faults.ts'
import { createAuthority } from './certificates.ts'
import { failure, large, openReceiver, sample, success } from './opened-receiver.ts'
import { createGrpcClient, post, postSecure, sendFramed } from './requests.ts'

test('both transports update the same live set and counters', async () => {
  const { receiver, send, post } = await openReceiver()
  expect(await send(sample(1))).toEqual(success)
  expect(await post(sample(2, 7))).toMatchObject({ status: 200, body: success })
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 7]]))
  expect(receiver.received).toMatchObject({ requests: 2, accepted: 2, refused: 0, bytes: 2 * sample(1).length })
  expect(receiver.wireBytes()).toBeGreaterThan(receiver.received.bytes)
})

test('gzip is supported over gRPC', async () => {
  const { receiver, send } = await openReceiver({}, { 'grpc.default_compression_algorithm': 2 })
  expect(await send(large)).toEqual(success)
  expect(receiver.liveSet.size).toBe(5000)
  expect(receiver.received.bytes).toBe(large.length)
  expect(receiver.wireBytes()).toBeLessThan(large.length / 2)
})

test('zstd is supported over gRPC; without support the request would fail', async () => {
  const { receiver } = await openReceiver()
  const answer = await sendFramed(receiver.grpcAddress, 'zstd', zstdCompressSync(large))
  expect(answer).toMatchObject({ status: '0', acceptEncoding: expect.stringContaining('zstd') })
  expect(receiver.liveSet.size).toBe(5000)
  expect(await sendFramed(receiver.grpcAddress, 'snappy', large)).toMatchObject({
    status: `${grpcStatus.UNIMPLEMENTED}`,
  })
})

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('%s is taken over HTTP', async (encoding, compress) => {
  const { receiver, post } = await openReceiver()
  expect(await post(compress(large), { 'content-encoding': encoding })).toMatchObject({ status: 200 })
  expect(receiver.liveSet.size).toBe(5000)
  expect(await post(large, { 'content-encoding': encoding })).toMatchObject({ status: 400 })
})

test('HTTP rejects other paths, methods, types and encodings', async () => {
  const { receiver, post: send } = await openReceiver()
  expect(await post(receiver.httpAddress, sample(1), {}, '/v1/traces')).toMatchObject({ status: 404 })
  expect(await send(sample(1), { 'content-type': 'application/json' })).toMatchObject({ status: 415 })
  expect(await send(sample(1), { 'content-encoding': 'br' })).toMatchObject({ status: 415 })
  expect((await fetch(`http://${receiver.httpAddress}/v1/metrics`)).status).toBe(405)
  expect(receiver.received.requests).toBe(0)
})

test('malformed messages are rejected and counted', async () => {
  const { receiver, send, post } = await openReceiver()
  expect(await send(Buffer.from([0x0a, 0xff]))).toEqual(
    failure(grpcStatus.INTERNAL, expect.stringMatching(/unmarshal/)),
  )
  expect(await post(Buffer.from([0x0a, 0xff]))).toMatchObject({ status: 400 })
  expect(receiver.received).toMatchObject({ malformed: 2, refused: 2 })
})

test('in counting mode malformed messages are accepted and the live set stays empty', async () => {
  const { receiver, send } = await openReceiver({ decode: 'count' })
  expect(await send(Buffer.from([0x0a, 0xff]))).toEqual(success)
  expect(await send(sample(1))).toEqual(success)
  expect(receiver.received).toMatchObject({ accepted: 2, bytes: 2 + sample(1).length })
  expect(receiver.liveSet.counters.requests).toBe(0)
})

test('requests that Prometheus would reject get INVALID_ARGUMENT and 400', async () => {
  const { send, post } = await openReceiver()
  await send(sample(5, 1))
  expect(await send(sample(4))).toEqual(failure(grpcStatus.INVALID_ARGUMENT, expect.stringMatching(/out of order/)))
  expect(await post(sample(5, 2))).toMatchObject({ status: 400 })
})

test('stop drops connections and refuses new ones; start continues with the same state', async () => {
  const { receiver, send, post } = await openReceiver({ faults: inTurn(undefined, { delayMs: 3600_000 }) })
  expect(await send(sample(1, 1))).toEqual(success)
  const waiting = send(sample(2, 2))
  await expect.poll(() => receiver.received.requests).toBe(2)
  const idle = connect({ host: '127.0.0.1', port: Number(receiver.httpAddress.split(':')[1]) })
  const dropped = new Promise((resolve) => idle.on('error', resolve).on('close', resolve))
  await new Promise((resolve) => idle.once('connect', resolve))
  await receiver.stop()
  expect(await waiting).toMatchObject({ code: grpcStatus.UNAVAILABLE })
  await dropped
  expect(await send(sample(3, 3), {}, 2000)).toMatchObject({ code: expect.any(Number) })
  await expect(post(sample(3, 3))).rejects.toThrow()
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 1]]))
  const addresses = [receiver.grpcAddress, receiver.httpAddress]
  await receiver.start()
  await receiver.start()
  expect([receiver.grpcAddress, receiver.httpAddress]).toEqual(addresses)
  const { send: sendAgain, close } = createGrpcClient(receiver.grpcAddress)
  onTestFinished(close)
  expect(await sendAgain(sample(4, 4))).toEqual(success)
  expect(await post(sample(5, 5))).toMatchObject({ status: 200 })
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 5]]))
})

test('a port in use is an error, and no other port stays open', async () => {
  const { receiver } = await openReceiver()
  const grpcPort = Number(receiver.grpcAddress.split(':')[1])
  await expect(createOtlpReceiver({ grpcPort })).rejects.toThrow(/EADDRINUSE/)
})

test('TLS, and mTLS if a CA is given', async () => {
  const authority = createAuthority('authority')
  const server = authority.issueLeaf('server')
  const ca = Buffer.from(authority.cert)
  const { key, cert } = authority.issueLeaf('client')
  const anonymous = credentials.createSsl(ca)
  const known = credentials.createSsl(ca, Buffer.from(key), Buffer.from(cert))
  const sendTo = async (address: string, channel: typeof known) => {
    const client = createGrpcClient(address, {}, channel)
    onTestFinished(client.close)
    return client.send(sample(1), {}, 2000)
  }
  const { receiver: plain } = await openReceiver({ tls: server, faults: inTurn(cutConnection('before')) })
  expect(await sendTo(plain.grpcAddress, anonymous)).toMatchObject({ code: expect.any(Number) })
  expect(await sendTo(plain.grpcAddress, anonymous)).toEqual(success)
  const { receiver: mutual } = await openReceiver({ tls: { ...server, ca: authority.cert } })
  expect(await sendTo(mutual.grpcAddress, known)).toEqual(success)
  expect(await sendTo(mutual.grpcAddress, anonymous)).toMatchObject({ code: expect.any(Number) })
  expect(await postSecure(mutual.httpAddress, sample(2), { ca, key, cert })).toBe(200)
  await expect(postSecure(mutual.httpAddress, sample(3), { ca })).rejects.toThrow()
  expect(mutual.received.requests).toBe(2)
})
