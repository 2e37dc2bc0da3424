/** OTLP/gRPC against a real receiver: responses, headers, rotation of credentials, dead connections, proxies. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import type { OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import { cutConnection, inTurn, refuseWith, requireHeader } from '../../simulator/otlp/receiver-faults.ts'
import type { GrpcTransportOptions } from '../../src/push/grpc-transport.ts'
import { createGrpcTransport } from '../../src/push/grpc-transport.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import { gauges } from '../simulator/otlp/requests.ts'
import { accepted } from './fake-transport.ts'
import { never, openDirectory, sample, startProxiedReceiver } from './transport-fixture.ts'

const open = async (options: Partial<GrpcTransportOptions> = {}, receiverOptions: OtlpReceiverOptions = {}) => {
  const receiver = await createOtlpReceiver(receiverOptions)
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', destination: { write: (line) => void lines.push(line) } })
  const transport = createGrpcTransport({
    endpoint: { target: receiver.grpcAddress, tls: receiverOptions.tls !== undefined },
    headers: new Map(),
    retryResourceExhausted: false,
    certificate: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    bearerTokenFile: undefined,
    compression: 'none',
    loadBalancing: 'pick_first',
    environment: {},
    log: createLogGate(log, 60_000),
    ...options,
  })
  onTestFinished(async () => {
    transport.close()
    await receiver.close()
  })
  const send = (bytes: Buffer, signal: AbortSignal = never) => transport.send(bytes, 20_000, signal)
  return { receiver, transport, send, lines }
}

test('success, partial success, rejection and RetryInfo become answers', async () => {
  const partial = { response: { kind: 'partial', message: 'some', rejectedDataPoints: 1 } } as const
  const busy = refuseWith(status.RESOURCE_EXHAUSTED, { message: 'busy', retryAfterMs: 1500 })
  const { send } = await open({}, { faults: inTurn(undefined, partial, busy, refuseWith(status.INTERNAL)) })
  expect(await send(sample(1))).toEqual(accepted)
  expect(await send(sample(2))).toEqual({ kind: 'partial', rejectedPoints: 1, message: 'some' })
  expect(await send(sample(3))).toEqual({
    kind: 'retry_after',
    delayMs: 1500,
    message: 'RESOURCE_EXHAUSTED: busy',
  })
  expect(await send(sample(4))).toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('INTERNAL'),
  })
})

test('a cut connection is a failure, and the next request makes a new one', async () => {
  const { send, receiver } = await open({}, { faults: inTurn(cutConnection('after')) })
  expect(await send(sample(1))).toMatchObject({
    kind: 'unavailable',
    timedOut: false,
    message: expect.stringContaining('UNAVAILABLE'),
  })
  expect(await send(sample(2))).toEqual(accepted)
  expect(receiver.liveSet.size).toBe(1)
})

test('requests succeed again after the receiver was down', async () => {
  const { send, receiver } = await open()
  await receiver.stop()
  expect(await send(sample(1))).toMatchObject({
    kind: 'unavailable',
    timedOut: false,
    message: expect.stringContaining('UNAVAILABLE'),
  })
  await receiver.start()
  await expect.poll(() => send(sample(2)), { timeout: 20_000, interval: 100 }).toEqual(accepted)
})

test('a cancelled request ends immediately, and after two of them the connection is replaced', async () => {
  const { send, receiver } = await open({}, { faults: () => ({ response: { kind: 'silence' } }) })
  const cancelRequest = async (index: number) => {
    const cancelling = new AbortController()
    const sent = send(sample(index), cancelling.signal)
    await expect.poll(() => receiver.received.requests).toBe(index)
    cancelling.abort()
    return sent
  }
  expect(await cancelRequest(1)).toMatchObject({
    kind: 'unavailable',
    timedOut: true,
    message: expect.stringContaining('CANCELLED'),
  })
  const before = receiver.wireBytes()
  expect(await cancelRequest(2)).toMatchObject({
    kind: 'unavailable',
    timedOut: true,
    message: expect.stringContaining('CANCELLED'),
  })
  const onOldConnection = receiver.wireBytes() - before
  receiver.setFaults(undefined)
  expect(await send(sample(3))).toEqual(accepted)
  // A new connection begins with HTTP/2's preface, settings and uncompressed headers.
  expect(receiver.wireBytes() - before - onOldConnection).toBeGreaterThan(onOldConnection + 24)
})

test('the deadline ends a request', async () => {
  const { transport } = await open({}, { faults: () => ({ response: { kind: 'silence' } }) })
  expect(await transport.send(sample(1), 100, never)).toMatchObject({
    kind: 'unavailable',
    timedOut: true,
    message: expect.stringContaining('DEADLINE_EXCEEDED'),
  })
})

test('headers, binary ones included, and gzip', async () => {
  const requests: IncomingRequest[] = []
  const headers = new Map([
    ['x-scope-orgid', 'team-a'],
    ['x-token-bin', Buffer.from('bytes').toString('base64')],
  ])
  const { send, receiver } = await open(
    { headers, compression: 'gzip' },
    { faults: (request) => void requests.push(request) },
  )
  const large = gauges([
    ['m', ...Array.from({ length: 2000 }, (_, i) => ({ timeMs: 1, value: 1, labels: { i: `${i}` } }))],
  ])
  expect(await send(large)).toEqual(accepted)
  expect(requests[0]?.headers).toMatchObject({ 'x-scope-orgid': 'team-a', 'x-token-bin': 'bytes' })
  expect(requests[0]?.bytes.length).toBe(large.length)
  expect(receiver.wireBytes()).toBeLessThan(large.length / 4)
})

test('messages beyond the usual limit are sent', async () => {
  const { send } = await open({}, { decode: 'count' })
  expect(await send(Buffer.alloc(6_000_000))).toEqual(accepted)
})

test('a token is read again after it was rejected, without a new channel', async () => {
  const write = await openDirectory()
  const bearerTokenFile = await write('token', 'old\n')
  const { send, transport } = await open({ bearerTokenFile }, { faults: requireHeader('authorization', 'Bearer new') })
  expect(await send(sample(1))).toMatchObject({ kind: 'denied' })
  await write('token', 'new\n')
  expect(await send(sample(1))).toMatchObject({ kind: 'denied' })
  transport.renewCredentials()
  expect(await send(sample(1))).toEqual(accepted)
})

test('a missing token file is a failure that names it; requests succeed once it exists', async () => {
  const write = await openDirectory()
  const path = join(await write('other', ''), '..', 'token')
  const { send } = await open({ bearerTokenFile: path }, { faults: requireHeader('authorization', 'Bearer late') })
  expect(await send(sample(1))).toMatchObject({
    kind: 'denied',
    message: expect.stringMatching(/^credentials cannot be used: ENOENT.*token/),
  })
  await write('token', 'late')
  expect(await send(sample(1))).toEqual(accepted)
})

test('after a token file was removed the old token is used, and that is logged', async () => {
  const write = await openDirectory()
  const bearerTokenFile = await write('token', 'good')
  const { send, transport, lines } = await open(
    { bearerTokenFile },
    { faults: requireHeader('authorization', 'Bearer good') },
  )
  expect(await send(sample(1))).toEqual(accepted)
  await rm(bearerTokenFile)
  transport.renewCredentials()
  expect(await send(sample(2))).toEqual(accepted)
  expect(lines).toEqual([expect.stringContaining('credentials cannot be read')])
})

test('TLS with a client certificate that rotates', async () => {
  const write = await openDirectory()
  const authority = createAuthority('ours')
  const stranger = createAuthority('theirs')
  const wrong = stranger.issueLeaf('client')
  const files = {
    certificate: await write('ca.pem', authority.cert),
    clientCertificate: await write('cert.pem', wrong.cert),
    clientKey: await write('key.pem', wrong.key),
  }
  const { send } = await open(files, { tls: { ...authority.issueLeaf('receiver'), ca: authority.cert } })
  expect(await send(sample(1))).toMatchObject({
    kind: 'unavailable',
    timedOut: false,
    message: expect.stringContaining('UNAVAILABLE'),
  })
  const right = authority.issueLeaf('client')
  await write('cert.pem', right.cert)
  // Half a rotation: the key does not fit the certificate.
  expect(await send(sample(1))).toMatchObject({ kind: 'denied', message: expect.stringContaining('key') })
  await write('key.pem', right.key)
  expect(await send(sample(1))).toEqual(accepted)
})

test('a receiver with a certificate of an unknown authority is rejected', async () => {
  const { send, receiver } = await open({}, { tls: createAuthority('unknown').issueLeaf('receiver') })
  expect(await send(sample(1))).toMatchObject({
    kind: 'unavailable',
    timedOut: false,
    message: expect.stringContaining('UNAVAILABLE'),
  })
  expect(receiver.received.requests).toBe(0)
})

test('a request goes through the proxy of the environment, with its login', async () => {
  const { target, certificate, environment, tunnels, expectedTunnels } = await startProxiedReceiver('grpc')
  const { send } = await open({ endpoint: { target, tls: true }, certificate, environment })
  expect(await send(sample(1))).toEqual(accepted)
  expect(tunnels).toEqual(expectedTunnels)
})

test.each(['pick_first', 'round_robin'] as const)('%s over targets in gRPC notation', async (loadBalancing) => {
  const other = await createOtlpReceiver()
  onTestFinished(other.close)
  const target = `dns:///${other.grpcAddress}`
  const { send } = await open({ endpoint: { target, tls: false }, loadBalancing })
  expect(await send(sample(1))).toEqual(accepted)
  expect(other.received.requests).toBe(1)
})
