/** A reverse proxy in front of a real API server: it ends TLS with a certificate of its own, and may hold responses back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import type { ApiServer } from './api-server.ts'

export interface ReverseProxy {
  /** The path of a kubeconfig whose server is the proxy. */
  readonly kubeconfig: string
  close(): void
}

export interface ReverseProxyOptions {
  /** Bytes that are held back until there are so many, or the response ends; 0 to pass everything on at once. */
  readonly bufferBytes: number
}

export async function startReverseProxy(
  server: ApiServer,
  { bufferBytes }: ReverseProxyOptions,
): Promise<ReverseProxy> {
  // A subject that is also the issuer would make the certificate look self-signed.
  const authority = createAuthority('proxy authority')
  const agent = new Agent({ keepAlive: true, ca: server.access.ca })
  const proxy = createServer(authority.issueLeaf('proxy'), (incoming, outgoing) => {
    const { host: _, ...headers } = incoming.headers
    const url = new URL(incoming.url ?? '/', server.access.apiUrl)
    const forwarded = request(url, { method: incoming.method, headers, agent }, (response) =>
      passOn(response, outgoing, bufferBytes),
    )
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'reverse-proxy-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const { port } = proxy.address() as AddressInfo
  writeFileSync(kubeconfig, kubeconfigFor(server, `https://127.0.0.1:${port}`, authority.cert))
  return {
    kubeconfig,
    close() {
      proxy.closeAllConnections()
      proxy.close()
      agent.destroy()
      rmSync(folder, { recursive: true })
    },
  }
}

function passOn(response: IncomingMessage, outgoing: ServerResponse, bufferBytes: number): void {
  // Node.js sends the header with the first bytes of the body, so it is held back as well.
  outgoing.writeHead(response.statusCode ?? 502, response.headers)
  let held: Buffer[] = []
  const pass = () => {
    outgoing.write(Buffer.concat(held))
    held = []
  }
  response.on('data', (chunk: Buffer) => {
    held.push(chunk)
    if (held.reduce((sum, { length }) => sum + length, 0) >= bufferBytes) pass()
  })
  response.on('end', () => {
    pass()
    outgoing.end()
  })
  response.on('error', () => outgoing.destroy())
}

function kubeconfigFor(server: ApiServer, url: string, authority: string): string {
  const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8'))
  const data = Buffer.from(authority).toString('base64')
  config.clusters[0].cluster = { server: url, 'certificate-authority-data': data }
  return JSON.stringify(config)
}
