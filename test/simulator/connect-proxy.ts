/** A proxy on loopback that accepts CONNECT, for tests; it connects every target to 127.0.0.1 at its port. */
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ConnectRequest {
  target: string | undefined
  /** The header Proxy-Authorization. */
  login: string | undefined
}

/** Starts the proxy until the test ends. `requests` are those so far. */
export async function startConnectProxy() {
  const requests: ConnectRequest[] = []
  const sockets = new Set<Socket>()
  const proxy = createServer()
  proxy.on('connect', ({ url, headers }, client: Socket) => {
    requests.push({ target: url, login: headers['proxy-authorization'] })
    const upstream = connect(Number(url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    sockets.add(client).add(upstream)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  return { requests, port: (proxy.address() as AddressInfo).port }
}
