/** OTLP/HTTP against a real receiver: responses, headers, compression, rotation of credentials, broken connections, proxies. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import {
  cutConnection,
  inTurn,
  limitMessages,
  refuseWith,
  requireHeader,
} from '../../simulator/otlp/receiver-faults.ts'
import { encodePartialSuccess, encodeStatus } from '../../simulator/otlp/response-messages.ts'
import { httpAnswer } from '../../src/push/http-answer.ts'
import type { HttpTransportOptions } from '../../src/push/http-transport.ts'
import { createHttpTransport } from '../../src/push/http-transport.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import { gauges } from '../simulator/otlp/requests.ts'
import { accepted } from './fake-transport.ts'
import { never, openDirectory, sample, startProxiedReceiver } from './transport-fixture.ts'

const open = async (options: Partial<HttpTransportOptions> = {}, receiverOptions: OtlpReceiverOptions = {}) => {
  const receiver = await createOtlpReceiver(receiverOptions)
  const scheme = receiverOptions.tls === undefined ? 'http' : 'https'
  const transport = createHttpTransport({
    url: `${scheme}://${receiver.httpAddress}/v1/metrics`,
    headers: new Map(),
    certificate: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    bearerTokenFile: undefined,
    compression: 'none',
    environment: {},
    log: createLogGate(createLog({ level: 'silent', format: 'json' }), 60_000),
    ...options,
  })
  onTestFinished(async () => {
    transport.close()
    await receiver.close()
  })
  const send = (bytes: Buffer, signal: AbortSignal = never) => transport.send(bytes, 20_000, signal)
  return { receiver, transport, send }
}

describe('a response', () => {
  const protobuf = { 'content-type': 'application/x-protobuf' }
  const nowMs = Date.parse('2026-01-01T00:00:00Z')
  const answer = (code: number, headers: Record<string, string> = {}, body: Uint8Array = Buffer.alloc(0)) =>
    httpAnswer({ status: code, headers, body: Buffer.from(body) }, nowMs)

  test.each([
    [200, 'accepted'],
    [202, 'accepted'],
    [400, 'invalid'],
    [401, 'denied'],
    [403, 'denied'],
    [404, 'unavailable'],
    [408, 'unavailable'],
    [413, 'too_large'],
    [415, 'unavailable'],
    [422, 'invalid'],
    [429, 'retry_after'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [301, 'unavailable'],
  ])('of status %i is %s', (code, kind) => {
    expect(answer(code).kind).toBe(kind)
  })
  test.each([
    [429, '3', 3000],
    [503, '0', 0],
    [502, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    [504, 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ])('of status %i with Retry-After %s asks for %i ms', (code, value, delayMs) => {
    expect(answer(code, { 'retry-after': value })).toMatchObject({ kind: 'retry_after', delayMs })
  })
  test('has the reason of a Status or of a page in its message', () => {
    expect(answer(400, protobuf, encodeStatus(3, 'out of order'))).toMatchObject({ message: 'HTTP 400: out of order' })
    expect(answer(502, {}, Buffer.from('<p>\n\tbad\u0000 gateway</p>'))).toMatchObject({
      message: 'HTTP 502: <p> bad gateway</p>',
    })
    expect(answer(500)).toMatchObject({ message: 'HTTP 500' })
  })
  test.each([
    'unsupported compression: zstd. Only "gzip" or no compression supported',
    'unsupported Content-Encoding: zstd',
  ])('of status 400 about the compression says nothing about the content: %s', (text) => {
    expect(answer(400, {}, Buffer.from(text))).toMatchObject({ kind: 'unavailable', message: `HTTP 400: ${text}` })
  })
  test.each([
    'out of bounds: timestamp is too far in the future',
    'received a sample whose timestamp is too far in the future (err-mimir-too-far-in-future)',
  ])('of status 400 about the time says nothing about the content: %s', (text) => {
    expect(answer(400, {}, Buffer.from(text))).toMatchObject({ kind: 'unavailable', message: `HTTP 400: ${text}` })
  })
  test('that redirects is a failure with the address', () => {
    expect(answer(307, { location: 'https://other.example/v1/metrics' }, Buffer.from('<a>'))).toMatchObject({
      kind: 'unavailable',
      message: 'HTTP 307: redirect to https://other.example/v1/metrics',
    })
  })
  test('may be a partial success', () => {
    expect(answer(200, protobuf, encodePartialSuccess(3, 'old'))).toEqual({
      kind: 'partial',
      rejectedPoints: 3,
      message: 'old',
    })
    expect(answer(200, { 'content-type': 'text/plain' }, Buffer.from('ok'))).toEqual(accepted)
  })
})

test('requests arrive, and rejections become answers', async () => {
  const busy = refuseWith(status.RESOURCE_EXHAUSTED, { message: 'busy', retryAfterMs: 2000 })
  const faults = inTurn(undefined, busy, refuseWith(status.INVALID_ARGUMENT, { message: 'bad' }))
  const { send, receiver } = await open({}, { faults })
  expect(await send(sample(1))).toEqual(accepted)
  expect(await send(sample(2))).toEqual({ kind: 'retry_after', delayMs: 2000, message: 'HTTP 429: busy' })
  expect(await send(sample(3))).toEqual({ kind: 'invalid', message: 'HTTP 400: bad' })
  expect(await send(sample(4))).toEqual(accepted)
  expect(receiver.liveSet.size).toBe(1)
})

test('a request beyond the limit of the receiver is too large', async () => {
  const { send } = await open({}, { faults: limitMessages(10) })
  expect(await send(sample(1))).toMatchObject({ kind: 'too_large', maxBytes: undefined })
})

test.each(['gzip', 'zstd'] as const)('headers and %s', async (compression) => {
  const requests: IncomingRequest[] = []
  const headers = new Map([['x-scope-orgid', 'team-a']])
  const { send, receiver } = await open({ headers, compression }, { faults: (request) => void requests.push(request) })
  const large = gauges([
    ['m', ...Array.from({ length: 2000 }, (_, i) => ({ timeMs: 1, value: 1, labels: { i: `${i}` } }))],
  ])
  expect(await send(large)).toEqual(accepted)
  expect(requests[0]?.headers).toMatchObject({ 'x-scope-orgid': 'team-a', 'content-encoding': compression })
  expect(large.equals(requests[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect(receiver.wireBytes()).toBeLessThan(large.length / 4)
})

test('a cut connection is a failure, and the next request makes a new one', async () => {
  const { send, receiver } = await open({}, { faults: inTurn(cutConnection('after')) })
  expect(await send(sample(1))).toMatchObject({ kind: 'unavailable', timedOut: false })
  expect(await send(sample(2))).toEqual(accepted)
  expect(receiver.liveSet.size).toBe(1)
})

test('requests succeed again after the receiver was down', async () => {
  const { send, receiver } = await open()
  expect(await send(sample(1))).toEqual(accepted)
  await receiver.stop()
  expect(await send(sample(2))).toMatchObject({ kind: 'unavailable', timedOut: false })
  await receiver.start()
  await expect.poll(() => send(sample(3)), { timeout: 20_000, interval: 100 }).toEqual(accepted)
})

test('a redirect is not followed: the credentials stay with the configured address', async () => {
  const { receiver, send: sendThere } = await open()
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(307, { location: `http://${receiver.httpAddress}/v1/metrics` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { send } = await open({ url: `http://127.0.0.1:${port}/v1/metrics` })
  expect(await send(sample(1))).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('redirect to') })
  expect(receiver.received.requests).toBe(0)
  expect(await sendThere(sample(1))).toEqual(accepted)
})

test('no request fails because the server closed an idle connection', async () => {
  let connections = 0
  const server = createServer({ keepAliveTimeout: 1 }, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
      // As a server does that is stopped or whose idle timeout is over.
      setImmediate(() => request.socket.destroy())
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { send } = await open({ url: `http://127.0.0.1:${port}/v1/metrics` })
  for (let i = 0; i < 20; i++) expect(await send(sample(i))).toEqual(accepted)
  expect(connections).toBeGreaterThan(1)
})

test('a request that is cancelled or times out ends, and its connection is not used again', async () => {
  const { send, transport, receiver } = await open({}, { faults: () => ({ response: { kind: 'silence' } }) })
  const cancelling = new AbortController()
  const sent = send(sample(1), cancelling.signal)
  await expect.poll(() => receiver.received.requests).toBe(1)
  cancelling.abort()
  expect(await sent).toMatchObject({ kind: 'unavailable', timedOut: true })
  expect(await transport.send(sample(2), 50, never)).toMatchObject({ kind: 'unavailable', timedOut: true })
  receiver.setFaults(undefined)
  expect(await send(sample(3))).toEqual(accepted)
})

test('a token is read again after it was rejected', async () => {
  const write = await openDirectory()
  const bearerTokenFile = await write('token', 'old\n')
  const { send, transport } = await open({ bearerTokenFile }, { faults: requireHeader('authorization', 'Bearer new') })
  expect(await send(sample(1))).toMatchObject({ kind: 'denied' })
  await write('token', 'new\n')
  transport.renewCredentials()
  expect(await send(sample(1))).toEqual(accepted)
})

test('a missing token file is a failure that names it; requests succeed once it exists', async () => {
  const write = await openDirectory()
  const path = join(await write('other', ''), '..', 'token')
  const { send } = await open({ bearerTokenFile: path })
  expect(await send(sample(1))).toMatchObject({ kind: 'denied', message: expect.stringMatching(/ENOENT.*token/) })
  await write('token', 'late')
  expect(await send(sample(1))).toEqual(accepted)
})

test('TLS with a client certificate that rotates', async () => {
  const write = await openDirectory()
  const authority = createAuthority('ours')
  const wrong = createAuthority('theirs').issueLeaf('client')
  const files = {
    certificate: await write('ca.pem', authority.cert),
    clientCertificate: await write('cert.pem', wrong.cert),
    clientKey: await write('key.pem', wrong.key),
  }
  const { send } = await open(files, { tls: { ...authority.issueLeaf('receiver'), ca: authority.cert } })
  expect(await send(sample(1))).toMatchObject({ kind: 'unavailable', timedOut: false })
  const right = authority.issueLeaf('client')
  await write('cert.pem', right.cert)
  await write('key.pem', right.key)
  expect(await send(sample(1))).toEqual(accepted)
})

test('a request goes through the proxy of the environment, with its login', async () => {
  const { target, certificate, environment, tunnels, expectedTunnels } = await startProxiedReceiver('http')
  const { send } = await open({ url: `https://${target}/v1/metrics`, certificate, environment })
  expect(await send(sample(1))).toEqual(accepted)
  expect(tunnels).toEqual(expectedTunnels)
})
