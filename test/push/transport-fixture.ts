/** What the tests of both transports need: small requests, credential files, a receiver behind a proxy. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import { gauges } from '../simulator/otlp/requests.ts'

/** A request with one data point. */
export const sample = (timeMs: number) => gauges([['m', { timeMs, value: 1 }]])

export const never = new AbortController().signal

/** Creates a temporary directory; the result writes a file into it and returns the path. */
export const openDirectory = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'push-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return async (name: string, content: string) => {
    await writeFile(join(directory, name), content)
    return join(directory, name)
  }
}

/** A proxy that accepts CONNECT; `tunnels` has the target and the login of each request. */
const startConnectProxy = async () => {
  const tunnels: { target: string | undefined; login: string | undefined }[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    tunnels.push({ target: request.url, login: request.headers['proxy-authorization'] })
    const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  return { tunnels, port: (proxy.address() as AddressInfo).port }
}

/** A receiver with TLS under a name that only the proxy of `environment` can resolve. */
export const startProxiedReceiver = async (protocol: 'grpc' | 'http') => {
  const { tunnels, port } = await startConnectProxy()
  const write = await openDirectory()
  const authority = createAuthority('ours')
  const receiver = await createOtlpReceiver({ tls: authority.issueLeaf('receiver', [{ dns: 'receiver.test' }]) })
  onTestFinished(receiver.close)
  const address = protocol === 'grpc' ? receiver.grpcAddress : receiver.httpAddress
  // Loopback addresses have no proxy.
  const target = address.replace('127.0.0.1', 'receiver.test')
  return {
    target,
    certificate: await write('ca.pem', authority.cert),
    environment: { HTTPS_PROXY: `http://me:secret@127.0.0.1:${port}` },
    tunnels,
    expectedTunnels: [{ target, login: `Basic ${Buffer.from('me:secret').toString('base64')}` }],
  }
}
