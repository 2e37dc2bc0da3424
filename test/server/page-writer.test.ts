/** How a page is written to its client: speed, disconnects, timeouts, errors in the middle. */
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createSpareBuffers } from '../../src/encoding/spare-buffers.ts'
import type { CountedPage } from './fixture.ts'
import { ask, askWithoutReading, limits } from './fixture.ts'
import { bigPage, bigPageBytes, settleTaken, sliceBytes, start, waitFor } from './scraped-pages.ts'

test.each([[false], [true]])('a page is written at the speed of its reader (gzip: %s)', async (gzip) => {
  // Compressed, a page of one letter would fit into the socket's buffers whole.
  const random = randomBytes(sliceBytes)
  const { url, pages, scrapes } = await start(() => bigPage(random), { gzip })
  const { asked, response } = await askWithoutReading(url('/metrics'), gzip ? { 'accept-encoding': 'gzip' } : {})
  await waitFor(() => expect(pages[0]?.taken).toBeGreaterThan(0))
  const takenWhilePaused = await settleTaken(pages[0] as CountedPage)
  expect(takenWhilePaused * sliceBytes).toBeLessThan(bigPageBytes / 8)
  if (gzip) {
    asked.destroy()
    return
  }
  let received = 0
  for await (const chunk of response) received += chunk.length
  expect(received).toBe(bigPageBytes)
  await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'complete', bytes: bigPageBytes }]))
})

test.each([[false], [true]])(
  'memory of slices that were sent serves later ones, and every byte arrives (gzip: %s)',
  async (gzip) => {
    // Small ones, of which a socket queues several, and more of them than it takes without a reader.
    const [count, length] = [20_000, 1000]
    const buffers = createSpareBuffers()
    const used = new Set<ArrayBufferLike>()
    function* slices() {
      for (let i = 0; i < count; i++) {
        const bytes = buffers
          .take(length)
          .subarray(0, length)
          .fill(i % 256)
        used.add(bytes.buffer)
        yield bytes
      }
    }
    const openPage = () => ({ contentType: 'text/plain', slices: slices(), release: buffers.give })
    const { url } = await start(() => [], { gzip, openPage })
    const { response } = await askWithoutReading(url('/metrics'), gzip ? { 'accept-encoding': 'gzip' } : {})
    // The socket fills up meanwhile.
    await sleep(50)
    const received = await buffer(gzip ? response.pipe(createGunzip()) : response)
    const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => {
      const part = received.subarray(i * length, (i + 1) * length)
      return part.length !== length || part.some((byte) => byte !== i % 256)
    })
    expect(wrong).toEqual([])
    expect(used.size).toBeLessThan(count)
  },
)

test('the event loop runs between slices', async () => {
  let iterations = 0
  let running = true
  const iterate = () => {
    iterations += 1
    if (running) setImmediate(iterate)
  }
  const seen: number[] = []
  function* recordIterations() {
    for (let i = 0; i < 10; i++) {
      seen.push(iterations)
      yield Buffer.from('x')
    }
  }
  const { url } = await start(recordIterations)
  iterate()
  await ask(url('/metrics'))
  running = false
  expect(new Set(seen).size).toBe(10)
})

test('a page ends when its client disconnects', async () => {
  const { url, pages, scrapes } = await start(() => bigPage())
  const { asked } = await askWithoutReading(url('/metrics'))
  asked.destroy()
  await waitFor(() => expect(pages).toMatchObject([{ ended: 1 }]))
  expect(pages[0]?.taken).toBeLessThan(bigPageBytes / sliceBytes)
  expect(scrapes).toMatchObject([{ outcome: 'aborted' }])
})

test('a client that does not read is disconnected after the write timeout, counted and logged once', async () => {
  const { url, pages, scrapes, records } = await start(() => bigPage(), { limits: { ...limits, writeMs: 100 } })
  const hanging = [await askWithoutReading(url('/metrics')), await askWithoutReading(url('/metrics'))]
  await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'timeout' }, { outcome: 'timeout' }]))
  expect(pages).toMatchObject([{ ended: 1 }, { ended: 1 }])
  expect(records).toMatchObject([{ level: 'warn', client: '127.0.0.1' }])
  for (const { asked } of hanging) asked.destroy()
})

test('the write timeout is absolute: a client that reads slowly gets no extension', async () => {
  const { url, scrapes } = await start(() => bigPage(), { limits: { ...limits, writeMs: 400 } })
  const { response } = await askWithoutReading(url('/metrics'))
  let received = 0
  const timer = setInterval(() => {
    received += response.read()?.length ?? 0
  }, 20)
  onTestFinished(() => void clearInterval(timer))
  await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'timeout' }]))
  expect(received).toBeGreaterThan(0)
  expect(received).toBeLessThan(bigPageBytes)
})

test('an error in a page closes the connection and is logged once', async () => {
  async function* broken() {
    yield Buffer.from('a 1\n')
    throw new Error('store is closed')
  }
  const { url, pages, scrapes, records } = await start(broken)
  await expect(ask(url('/metrics'))).rejects.toThrow(/aborted|ECONNRESET/)
  await expect(ask(url('/metrics'))).rejects.toThrow(/aborted|ECONNRESET/)
  await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]))
  expect(pages).toMatchObject([{ ended: 1 }, { ended: 1 }])
  expect(records).toMatchObject([{ level: 'warn', err: { message: 'store is closed' } }])
})
