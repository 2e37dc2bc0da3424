/** What the tests of both transports need: small requests, credential files, a receiver behind a proxy. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { startConnectProxy } from '../simulator/connect-proxy.ts'
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

/** A receiver with TLS under a name that only the proxy of `environment` can resolve. */
export const startProxiedReceiver = async (protocol: 'grpc' | 'http') => {
  const { requests: tunnels, port } = await startConnectProxy()
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
