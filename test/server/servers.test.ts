/** Health, self-metrics, start and stop of both servers. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ListenError } from '../../src/server/listen-error.ts'
import { ask, askWithoutReading, startServers } from './fixture.ts'
import { bigPage, start, waitFor } from './scraped-pages.ts'

/** Waits until connections are refused. */
const waitForRefusal = (address: string) =>
  vi.waitFor(() => expect(ask(address)).rejects.toThrow(/ECONNREFUSED/), { timeout: 20_000, interval: 10 })

describe('health', () => {
  test.each(['/healthz', '/livez'])('%s answers on both servers', async (path) => {
    const { url, selfUrl } = await start(() => [])
    for (const address of [url(path), selfUrl(path)])
      expect(await ask(address)).toMatchObject({ status: 200, body: Buffer.from('OK\n') })
  })

  test('/readyz lists what is not ready', async () => {
    let readiness = { ready: false, lines: ['pods: not synced', 'secrets: forbidden'] }
    const { selfUrl } = await start(() => [], { readiness: () => readiness })
    const before = await ask(selfUrl('/readyz'))
    expect([before.status, before.body.toString()]).toEqual([503, 'not ready\npods: not synced\nsecrets: forbidden\n'])
    readiness = { ready: true, lines: ['secrets: forbidden'] }
    const after = await ask(selfUrl('/readyz'))
    expect([after.status, after.body.toString()]).toEqual([200, 'ready\nsecrets: forbidden\n'])
  })

  test('self-metrics are text for Prometheus', async () => {
    const { selfUrl } = await start(() => [])
    const { headers, body } = await ask(selfUrl('/metrics'))
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body.toString()).toBe('self 1\n')
  })

  test('an error of the self-metrics page is answered with 500 and logged once', async () => {
    const selfPage = () => Promise.reject(new Error('reader is shut down'))
    const { selfUrl, records } = await start(() => [], { selfPage })
    for (let i = 0; i < 2; i++) expect((await ask(selfUrl('/metrics'))).status).toBe(500)
    expect(records).toMatchObject([{ err: { message: 'reader is shut down' } }])
  })

  test('/ links to the pages of the server; other paths are answered with 404', async () => {
    const { url, selfUrl } = await start(() => [])
    for (const to of [url, selfUrl]) {
      const { headers, body } = await ask(to('/'))
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      const links = [...body.toString().matchAll(/href="([^"]+)"/g)].map(([, path]) => path as string)
      expect(links).toContain('/metrics')
      for (const path of links) expect((await ask(to(path))).status).toBe(200)
      expect((await ask(to('/nothing'))).status).toBe(404)
    }
  })
})

describe('start and stop', () => {
  test.each([
    ['metricsListen', '--port'],
    ['telemetryListen', '--telemetry-port'],
  ])('a port in use for %s is an error that names %s', async (key, flag) => {
    const owner = createServer().listen(0, '127.0.0.1')
    await once(owner, 'listening')
    onTestFinished(() => void owner.close())
    const { port } = owner.address() as AddressInfo
    const failure = await startServers(() => [], { [key]: { host: '127.0.0.1', port } }).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ListenError)
    expect(failure).toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: the port is in use; stop the other process or choose another port with ${flag}`,
    })
  })

  test('an address of another machine is an error that names the host flag', async () => {
    const failure = startServers(() => [], { metricsListen: { host: '192.0.2.1', port: 0 } })
    await expect(failure).rejects.toThrow(/^cannot listen on 192\.0\.2\.1:0: .* with --host$/)
  })

  test('close waits for a running scrape during the grace period', async () => {
    const closing = Promise.withResolvers<void>()
    async function* waitForClosing() {
      yield Buffer.from('a 1\n')
      await closing.promise
      yield Buffer.from('b 2\n')
    }
    const { url, close, scrapes } = await start(waitForClosing)
    const { response } = await askWithoutReading(url('/metrics'))
    const closed = close(60_000)
    await waitForRefusal(url('/healthz'))
    closing.resolve()
    expect((await buffer(response)).toString()).toBe('a 1\nb 2\n')
    await closed
    expect(scrapes).toMatchObject([{ outcome: 'complete' }])
  })

  test('close aborts scrapes that outlast the grace period', async () => {
    const { url, close, pages } = await start(() => bigPage())
    const { asked } = await askWithoutReading(url('/metrics'))
    await close(50)
    await waitFor(() => expect(pages).toMatchObject([{ ended: 1 }]))
    await expect(ask(url('/healthz'))).rejects.toThrow(/ECONNREFUSED/)
    asked.destroy()
  })
})
