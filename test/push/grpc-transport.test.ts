/** Owns the proof of the gRPC transport against a real receiver: answers, headers, rotation of credentials, dead lines. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
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

const sample = (timeMs: number) => gauges([['m', { timeMs, value: 1 }]])
const never = new AbortController().signal

const openDirectory = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'push-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const write = async (name: string, content: string) => {
    await writeFile(join(directory, name), content)
    return join(directory, name)
  }
  return write
}

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

test('success, partial success, refusal and RetryInfo come back as answers', async () => {
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

test('a receiver that is away and comes back is found again', async () => {
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

test('a request that is given up ends at once, and after two of them the connection is replaced', async () => {
  const { send, receiver } = await open({}, { faults: () => ({ response: { kind: 'silence' } }) })
  const giveUp = async (index: number) => {
    const giving = new AbortController()
    const sent = send(sample(index), giving.signal)
    await expect.poll(() => receiver.received.requests).toBe(index)
    giving.abort()
    return sent
  }
  expect(await giveUp(1)).toMatchObject({
    kind: 'unavailable',
    timedOut: true,
    message: expect.stringContaining('CANCELLED'),
  })
  const before = receiver.wireBytes()
  expect(await giveUp(2)).toMatchObject({
    kind: 'unavailable',
    timedOut: true,
    message: expect.stringContaining('CANCELLED'),
  })
  const onOldLine = receiver.wireBytes() - before
  receiver.setFaults(undefined)
  expect(await send(sample(3))).toEqual(accepted)
  // A new line begins with HTTP/2's preface, settings and uncompressed headers.
  expect(receiver.wireBytes() - before - onOldLine).toBeGreaterThan(onOldLine + 24)
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

test('a token is read again once it was refused, without a new channel', async () => {
  const write = await openDirectory()
  const bearerTokenFile = await write('token', 'old\n')
  const { send, transport } = await open({ bearerTokenFile }, { faults: requireHeader('authorization', 'Bearer new') })
  expect(await send(sample(1))).toMatchObject({ kind: 'denied' })
  await write('token', 'new\n')
  expect(await send(sample(1))).toMatchObject({ kind: 'denied' })
  transport.renewCredentials()
  expect(await send(sample(1))).toEqual(accepted)
})

test('a token file that is not there is a failure in words, and recovers', async () => {
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

test('a token file that vanishes leaves the old token in use, and that is told', async () => {
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

test('a receiver whose certificate nobody vouches for is refused', async () => {
  const { send, receiver } = await open({}, { tls: createAuthority('unknown').issueLeaf('receiver') })
  expect(await send(sample(1))).toMatchObject({
    kind: 'unavailable',
    timedOut: false,
    message: expect.stringContaining('UNAVAILABLE'),
  })
  expect(receiver.received.requests).toBe(0)
})

test('a proxy of the environment is asked for a tunnel, with its login', async () => {
  const asked: { target: string | undefined; login: string | undefined }[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push({ target: request.url, login: request.headers['proxy-authorization'] })
    const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const { port } = proxy.address() as AddressInfo
  const write = await openDirectory()
  const authority = createAuthority('ours')
  const receiver = await createOtlpReceiver({ tls: authority.issueLeaf('receiver', [{ dns: 'receiver.test' }]) })
  onTestFinished(receiver.close)
  // Only the proxy can resolve it: loopback addresses have no proxy.
  const target = receiver.grpcAddress.replace('127.0.0.1', 'receiver.test')
  const { send } = await open({
    endpoint: { target, tls: true },
    certificate: await write('ca.pem', authority.cert),
    environment: { HTTPS_PROXY: `http://me:secret@127.0.0.1:${port}` },
  })
  expect(await send(sample(1))).toEqual(accepted)
  const login = `Basic ${Buffer.from('me:secret').toString('base64')}`
  expect(asked).toEqual([{ target, login }])
})

test.each(['pick_first', 'round_robin'] as const)('%s over targets in gRPC notation', async (loadBalancing) => {
  const other = await createOtlpReceiver()
  onTestFinished(other.close)
  const target = `dns:///${other.grpcAddress}`
  const { send } = await open({ endpoint: { target, tls: false }, loadBalancing })
  expect(await send(sample(1))).toEqual(accepted)
  expect(other.received.requests).toBe(1)
})
