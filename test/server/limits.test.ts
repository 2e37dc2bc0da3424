/** The limits on concurrent scrapes and on connections. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { ask, askWithoutReading, limits } from './fixture.ts'
import { bigPage, holdPages, sliceBytes, start, waitFor, words } from './scraped-pages.ts'

test('concurrent scrapes are limited: a few wait, more are answered with 503', async () => {
  const scrapes = { running: 2, queued: 1, queuedMs: 60_000 }
  const { heldPage, release } = holdPages()
  const { url, pages, scrapes: reports } = await start(heldPage, { scrapes })
  const answers = [ask(url('/metrics')), ask(url('/metrics'))]
  await waitFor(() => expect(pages).toHaveLength(2))
  // One of these two waits, so the first to be answered is the other.
  const contenders = [ask(url('/metrics')), ask(url('/metrics'))]
  expect(await Promise.race(contenders)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  expect((await ask(url('/healthz'))).status).toBe(200)
  expect(pages).toHaveLength(2)
  expect(reports).toMatchObject([{ outcome: 'refused' }])
  release()
  const statuses = (await Promise.all([...answers, ...contenders])).map(({ status }) => status)
  expect(statuses.sort()).toEqual([200, 200, 200, 503])
  expect(pages).toHaveLength(3)
})

test('a scrape that waits too long in the queue is answered with 503', async () => {
  const { heldPage, release } = holdPages()
  const { url, pages } = await start(heldPage, { scrapes: { running: 1, queued: 1, queuedMs: 50 } })
  const first = ask(url('/metrics'))
  await waitFor(() => expect(pages).toHaveLength(1))
  expect(await ask(url('/metrics'))).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  release()
  expect((await first).status).toBe(200)
})

test('slow readers, however many, do not block other scrapers', { timeout: 30_000 }, async () => {
  const scrapes = { running: 2, queued: 1, queuedMs: 60_000 }
  const random = randomBytes(sliceBytes)
  const { url, scrapes: reports } = await start(({ resources }) => (resources ? words('a 1\n') : bigPage(random)), {
    scrapes,
  })
  const slow = []
  for (let i = 0; i < 5; i++) slow.push(await askWithoutReading(url('/metrics')))
  const { status, body } = await ask(url('/metrics?resources=pods'))
  expect([status, body.toString()]).toEqual([200, 'a 1\n'])
  expect(reports.map(({ outcome }) => outcome)).not.toContain('refused')
  for (const { asked } of slow) asked.destroy()
})

describe('connections', () => {
  /** Sends the bytes and resolves with all that the server sends before it closes the connection. */
  async function converse(address: { port: number }, bytes: string): Promise<string> {
    const socket = connect(address.port, '127.0.0.1')
    socket.write(bytes)
    return (await buffer(socket)).toString()
  }

  test.each(['', 'GET /metrics HTTP/1.1\r\nHost: a\r\n'])(
    'incomplete request headers (%j) are answered with 408 after the header timeout',
    { timeout: 20_000 },
    async (bytes) => {
      const { metricsAddress } = await start(() => [], { limits: { ...limits, readHeaderMs: 200 } })
      expect(await converse(metricsAddress, bytes)).toMatch(/^(HTTP\/1.1 408 |$)/)
    },
  )

  test('idle connections are closed when new ones need their place', async () => {
    const { url, metricsAddress } = await start(() => words('a 1\n'), { limits: { ...limits, maxConnections: 3 } })
    const request = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'
    const idle: Socket[] = []
    for (let i = 0; i < 3; i++) {
      const socket = connect(metricsAddress.port, '127.0.0.1').on('error', () => undefined)
      socket.write(request)
      idle.push(socket)
      await once(socket, 'data')
    }
    // The third connection closed the two that were idle then.
    await waitFor(() => expect(idle.filter(({ readableEnded }) => readableEnded)).toHaveLength(2))
    expect((await ask(url('/metrics'))).status).toBe(200)
    for (const socket of idle) socket.destroy()
  })

  test('connections over the limit are closed while all others are busy', async () => {
    const { heldPage, release } = holdPages()
    const { url, pages } = await start(heldPage, { limits: { ...limits, maxConnections: 2 } })
    const busy = [ask(url('/metrics')), ask(url('/metrics'))]
    await waitFor(() => expect(pages).toHaveLength(2))
    await expect(ask(url('/metrics'))).rejects.toThrow(/ECONNRESET|hang up/)
    release()
    expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(url('/metrics'))).status).toBe(200)
  })
})
