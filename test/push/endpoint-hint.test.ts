/** Endpoints that are wrong in the usual ways, on real servers: what the log says of them. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { withEndpointHints } from '../../src/push/endpoint-hint.ts'
import { createGrpcTransport } from '../../src/push/grpc-transport.ts'
import { createHttpTransport } from '../../src/push/http-transport.ts'
import type { Transport } from '../../src/push/transport.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'

const common = {
  headers: new Map<string, string>(),
  certificate: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  bearerTokenFile: undefined,
  compression: 'none',
  environment: {},
  log: createLogGate(createLog({ level: 'silent', format: 'json' }), 60_000),
} as const

const setting = (name: string) => `otlp.${name}`

async function messageOf(transport: Transport): Promise<string> {
  onTestFinished(() => transport.close())
  const answer = await transport.send(Buffer.alloc(0), 10_000, new AbortController().signal)
  return 'message' in answer ? answer.message : ''
}

function messageFrom(target: string, tls: boolean): Promise<string> {
  const retrying = { retryResourceExhausted: false, loadBalancing: 'pick_first' } as const
  const grpc = createGrpcTransport({ ...common, ...retrying, endpoint: { target, tls } })
  return messageOf(withEndpointHints(grpc, { protocol: 'grpc', tls, setting }))
}

function messageOverHttp(url: string): Promise<string> {
  const http = createHttpTransport({ ...common, url: `${url}/v1/metrics` })
  return messageOf(withEndpointHints(http, { protocol: 'http/protobuf', tls: url.startsWith('https:'), setting }))
}

async function startReceiver(options: OtlpReceiverOptions = {}) {
  const receiver = await createOtlpReceiver(options)
  onTestFinished(() => receiver.close())
  return receiver
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const secured = () => startReceiver({ tls: createAuthority('authority').issueLeaf('receiver') })

test('TLS to a receiver in plain text: the scheme is missing', async () => {
  const { grpcAddress } = await startReceiver()
  expect(await messageFrom(grpcAddress, true)).toMatch(/does not speak TLS.*http:\/\//)
})

test('plain text to a receiver with TLS', async () => {
  const { grpcAddress } = await secured()
  expect(await messageFrom(grpcAddress, false)).toMatch(/https:\/\//)
})

test('the port of OTLP/HTTP, or of any HTTP server', async () => {
  const { httpAddress } = await startReceiver()
  const page = await listen(createHttpServer((_request, response) => response.end('a page')))
  for (const address of [httpAddress, page]) expect(await messageFrom(address, false)).toMatch(/4317/)
})

test('a certificate of an unknown authority', async () => {
  const { grpcAddress } = await secured()
  expect(await messageFrom(grpcAddress, true)).toMatch(/not trusted.*otlp\.certificate/)
})

test('a port where nothing listens', async () => {
  const closed = createServer()
  const address = await listen(closed)
  closed.close()
  await once(closed, 'close')
  expect(await messageFrom(address, false)).toMatch(/no process listens on this port.*4317/)
})

test('what a receiver answers is not touched', async () => {
  const { grpcAddress } = await startReceiver({
    faults: () => ({ response: { kind: 'refusal', code: 14, message: 'Protocol error, says the receiver' } }),
  })
  expect(await messageFrom(grpcAddress, false)).toMatch(/says the receiver/)
})

describe('over OTLP/HTTP', () => {
  test('TLS to a receiver in plain text', async () => {
    const { httpAddress } = await startReceiver()
    expect(await messageOverHttp(`https://${httpAddress}`)).toMatch(/does not speak TLS.*http:\/\//)
  })

  test('plain text to a receiver with TLS', async () => {
    const { httpAddress } = await secured()
    expect(await messageOverHttp(`http://${httpAddress}`)).toMatch(/https:\/\//)
  })

  test('the port of OTLP/gRPC', async () => {
    const { grpcAddress } = await startReceiver()
    expect(await messageOverHttp(`http://${grpcAddress}`)).toMatch(/does not speak HTTP\/1\.1.*4318/)
  })

  test('a server of pages', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(404).end('no such page'))
    expect(await messageOverHttp(`http://${await listen(server)}`)).toMatch(/^HTTP 404: no such page \(.*4318.*path/)
  })

  test('a receiver that moved', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(301, { location: '/otlp' }).end())
    expect(await messageOverHttp(`http://${await listen(server)}`)).toMatch(
      /^HTTP 301: redirect to \/otlp \(redirects are not followed/,
    )
  })

  test.each([400, 415])('a compression that the receiver does not know, answered with %i', async (code) => {
    const text = 'unsupported compression: zstd. Only "gzip" or no compression supported'
    const server = createHttpServer((_request, response) => response.writeHead(code).end(text))
    expect(await messageOverHttp(`http://${await listen(server)}`)).toMatch(/^HTTP 4.*zstd.*set otlp\.compression/)
  })

  test('a certificate of an unknown authority', async () => {
    const { httpAddress } = await secured()
    expect(await messageOverHttp(`https://${httpAddress}`)).toMatch(/not trusted.*otlp\.certificate/)
  })

  test('a port where nothing listens', async () => {
    const closed = createServer()
    const address = await listen(closed)
    closed.close()
    await once(closed, 'close')
    expect(await messageOverHttp(`http://${address}`)).toMatch(/no process listens on this port.*4318/)
  })

  test('what a receiver answers is not touched', async () => {
    const { httpAddress } = await startReceiver({
      faults: () => ({ response: { kind: 'refusal', code: 14, message: 'socket hang up, says the receiver' } }),
    })
    expect(await messageOverHttp(`http://${httpAddress}`)).toMatch(/says the receiver/)
  })
})
