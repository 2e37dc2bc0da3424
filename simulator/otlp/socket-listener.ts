/** A listening port that can be closed and opened again, with connections that can be closed one by one. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'

export interface SocketListener {
  /** `host:port`; throws before the first `open`. */
  address(): string
  /** Opens the port, the same one as before if it was open. Rejects if it is in use. */
  open(): Promise<void>
  /** Closes the port and drops every connection. */
  close(): Promise<void>
  /** Drops the connection of the peer `address:port`, if any. */
  cut(peer: string): void
  /** Bytes received over all connections, headers, framing and TLS included. */
  bytesRead(): number
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`

/** Creates a listener on `host`; port 0 selects a free port once. */
export const createSocketListener = (host: string, port: number, accept: (socket: Socket) => void): SocketListener => {
  const sockets = new Map<string, Socket>()
  let bytesOfClosed = 0
  let bound: AddressInfo | undefined

  const server = createServer({ noDelay: true }, (socket) => {
    const peer = peerOf(socket)
    sockets.set(peer, socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      sockets.delete(peer)
      bytesOfClosed += socket.bytesRead
    })
    accept(socket)
  })

  return {
    address() {
      if (!bound) throw new Error('the listener has not been opened yet')
      return `${bound.address}:${bound.port}`
    },
    async open() {
      server.listen(bound?.port ?? port, host)
      await once(server, 'listening')
      bound = server.address() as AddressInfo
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets.values()) socket.resetAndDestroy()
      await closed
    },
    cut: (peer) => sockets.get(peer)?.destroy(),
    bytesRead: () => [...sockets.values()].reduce((sum, { bytesRead }) => sum + bytesRead, bytesOfClosed),
  }
}
