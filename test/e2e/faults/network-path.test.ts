import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createNetworkPath } from './network-path.ts'

/** A path to a server that answers each chunk with the same, and a way to connect. `end` ends all connections at the server. */
async function openPath() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = await createNetworkPath((server.address() as AddressInfo).port)
  onTestFinished(async () => {
    await path.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const join = async () => {
    const socket = connect(path.port, '127.0.0.1')
    await once(socket, 'connect')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
    return {
      socket,
      received: () => Buffer.concat(chunks).toString(),
      ended: new Promise((resolve) => socket.once('close', resolve)),
    }
  }
  const end = (way: 'destroy' | 'resetAndDestroy') => {
    for (const socket of sockets) socket[way]()
  }
  return { path, join, end }
}

test('what is sent while the path is silent arrives when it is open again', async () => {
  const { path, join } = await openPath()
  const { socket, received } = await join()
  socket.write('before ')
  await expect.poll(received).toBe('before ')
  await path.set('silent')
  socket.write('during')
  const late = await join()
  late.socket.write('new')
  await sleep(50)
  expect([received(), late.received()]).toEqual(['before ', ''])
  await path.set('open')
  await expect.poll(received).toBe('before during')
  await expect.poll(late.received).toBe('new')
})

test.each(['destroy', 'resetAndDestroy'] as const)(
  'connections that the server ends while the path is silent end when it is open again (%s)',
  async (way) => {
    const { path, join, end } = await openPath()
    const { socket, received, ended } = await join()
    socket.write('before')
    await expect.poll(received).toBe('before')
    await path.set('silent')
    socket.write('during')
    end(way)
    expect(await Promise.race([ended, sleep(50, 'still there')])).toBe('still there')
    await path.set('open')
    await ended
  },
)

test('a path closes though its server and its client have ended connections while it was silent', async () => {
  const { path, join, end } = await openPath()
  const { socket, received } = await join()
  socket.write('before')
  await expect.poll(received).toBe('before')
  await path.set('silent')
  end('resetAndDestroy')
  await sleep(50)
  socket.destroy()
  await path.close()
})

test('a refused path ends connections, and accepts others when it is open again', async () => {
  const { path, join } = await openPath()
  const { ended } = await join()
  await path.set('refused')
  await ended
  await expect(join()).rejects.toThrow('ECONNREFUSED')
  await path.set('open')
  const { socket, received } = await join()
  socket.write('again')
  await expect.poll(received).toBe('again')
})

test('responses are cut after so many bytes, and pass in pieces when the path is slow', async () => {
  const { path, join } = await openPath()
  await path.set({ cutAfter: () => 7 })
  const { socket, ended } = await join()
  socket.write('0123456789')
  await ended
  expect(path.received()).toBe(10)
  await path.set({ bytesPerChunk: 3 })
  const slow = await join()
  slow.socket.write('0123456789')
  await expect.poll(slow.received).toBe('0123456789')
})
