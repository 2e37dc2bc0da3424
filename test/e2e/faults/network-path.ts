/** A path over TCP to a program on loopback, whose conditions a test changes: open, silent, refused, slow or cut. */

import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * `silent`: connections stay and new ones are accepted, but no byte passes, as with packets that are dropped.
 * `refused`: connections are reset, and new ones refused. `bytesPerChunk`: responses pass in pieces, 10 ms apart.
 * `cutAfter`: each connection is reset after so many bytes of responses.
 */
export type Condition =
  | 'open'
  | 'silent'
  | 'refused'
  | { readonly bytesPerChunk: number }
  | { readonly cutAfter: () => number }

export interface NetworkPath {
  readonly port: number
  set(condition: Condition): Promise<void>
  /** Bytes of responses since the start. */
  received(): number
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** Bytes until the connection is cut. */
  left: number
}

export async function createNetworkPath(targetPort: number): Promise<NetworkPath> {
  const pairs = new Set<Pair>()
  let condition: Condition = 'open'
  let bytes = 0

  const limit = () => (typeof condition === 'object' && 'cutAfter' in condition ? condition.cutAfter() : Infinity)
  const drop = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.resetAndDestroy()
    pair.upstream.resetAndDestroy()
  }
  const respond = async (pair: Pair, chunk: Buffer) => {
    bytes += chunk.length
    pair.left -= chunk.length
    if (pair.left <= 0) {
      pair.client.write(chunk.subarray(0, chunk.length + pair.left))
      return drop(pair)
    }
    pair.upstream.pause()
    await writePaced(pair.client, chunk, () => condition)
    if (condition !== 'silent') pair.upstream.resume()
  }
  const accept = (client: Socket) => {
    const pair: Pair = { client, upstream: connect(targetPort, '127.0.0.1'), left: limit() }
    pairs.add(pair)
    for (const [from, to] of [
      [client, pair.upstream],
      [pair.upstream, client],
    ] as const) {
      // While the path is silent, no side sees that the other has ended.
      from.on('error', () => condition !== 'silent' && drop(pair))
      from.on('end', () => condition !== 'silent' && to.end())
      from.on('close', () => to.destroyed && pairs.delete(pair))
    }
    client.on('data', (chunk) => pair.upstream.write(chunk))
    pair.upstream.on('data', (chunk: Buffer) => void respond(pair, chunk))
    if (condition === 'silent') silence(pair)
  }

  let server = await listen(0, accept)
  const port = portOf(server)
  const stopListening = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const dropAll = () => {
    for (const pair of [...pairs]) drop(pair)
  }
  return {
    port,
    received: () => bytes,
    async set(next) {
      const former = condition
      condition = next
      if (former === 'refused' && next !== 'refused') server = await listen(port, accept)
      if (next === 'silent') for (const pair of pairs) silence(pair)
      else for (const pair of pairs) if (!resume(pair, limit())) drop(pair)
      if (next === 'refused') {
        const stopped = stopListening()
        dropAll()
        await stopped
      }
    },
    async close() {
      dropAll()
      if (server.listening) await stopListening()
    },
  }
}

function silence({ client, upstream }: Pair): void {
  client.pause()
  upstream.pause()
}

/** False if one side has ended meanwhile. */
function resume(pair: Pair, left: number): boolean {
  if ([pair.client, pair.upstream].some((socket) => socket.destroyed || socket.readableEnded)) return false
  pair.left = left
  pair.client.resume()
  pair.upstream.resume()
  return true
}

async function writePaced(client: Socket, chunk: Buffer, condition: () => Condition): Promise<void> {
  for (let from = 0; from < chunk.length; ) {
    const now = condition()
    const size = typeof now === 'object' && 'bytesPerChunk' in now ? now.bytesPerChunk : chunk.length
    client.write(chunk.subarray(from, from + size))
    from += size
    if (from < chunk.length) await sleep(10)
  }
}

async function listen(port: number, accept: (client: Socket) => void): Promise<Server> {
  const server = createServer(accept)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
