import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ListenError } from '../../src/server/listen-error.ts'
import type { CountedPage } from './fixture.ts'
import { ask, askWithoutReading, limits, startServers } from './fixture.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function start(...args: Parameters<typeof startServers>) {
  const servers = await startServers(...args)
  closers.push(() => servers.close(0))
  return servers
}

const waitFor = (condition: () => void) => vi.waitFor(condition, { timeout: 20_000, interval: 10 })

const sliceBytes = 64 * 1024
const bigPageBytes = 200 * 1024 * 1024

/** 200 MiB, each slice made when it is asked for. */
function* bigPage(content: Buffer = Buffer.alloc(sliceBytes, 'x')) {
  for (let i = 0; i < bigPageBytes / sliceBytes; i++) yield Buffer.from(content)
}

/** Waits until nobody listens there any more. */
const waitForRefusal = (address: string) =>
  vi.waitFor(() => expect(ask(address)).rejects.toThrow(/ECONNREFUSED/), { timeout: 20_000, interval: 10 })

const words = (...list: string[]) => list.map((word) => Buffer.from(word))

/** Waits until the server has stopped taking slices: the same count twenty times in a row. */
async function settleTaken(page: CountedPage): Promise<number> {
  for (let unchanged = 0, last = -1; unchanged < 20; await sleep(10)) {
    unchanged = page.taken === last ? unchanged + 1 : 0
    last = page.taken
  }
  return page.taken
}

describe('metrics', () => {
  test('writes the slices in order under the content type of the page', async () => {
    const { url, pages, scrapes } = await start(() => words('a 1\n', 'b 2\n', 'c 3\n'))
    const { status, headers, body } = await ask(url('/metrics'))
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'a 1\nb 2\nc 3\n' })
    expect(headers).toMatchObject({ 'content-type': 'test/text', 'transfer-encoding': 'chunked', vary: 'Accept' })
    await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'complete', bytes: 12 }]))
    expect(pages).toMatchObject([{ taken: 3, ended: 1 }])
  })

  test('asks for the negotiated format', async () => {
    const { url, pages } = await start(() => [])
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
    const { headers } = await ask(url('/metrics'), { headers: { accept } })
    expect(headers['content-type']).toBe('test/openmetrics')
    expect(pages[0]?.asked).toEqual({ format: 'openmetrics' })
  })

  test('HEAD has the head of GET and takes no slice', async () => {
    const { url, pages } = await start(() => words('a 1\n'))
    const { status, headers, body } = await ask(url('/metrics'), { method: 'HEAD' })
    expect({ status, length: body.length, type: headers['content-type'] }).toEqual({
      status: 200,
      length: 0,
      type: 'test/text',
    })
    await waitFor(() => expect(pages).toMatchObject([{ taken: 0 }]))
  })

  test.each([
    ['?resources=pods,nodes', { resources: new Set(['pods', 'nodes']) }],
    ['?resources=pods&resources=%20nodes,', { resources: new Set(['pods', 'nodes', '']) }],
    ['?exclude_resources=pods', { excludeResources: new Set(['pods']) }],
    ['?resources=pods&exclude_resources=nodes', { resources: new Set(['pods']), excludeResources: new Set(['nodes']) }],
    ['?resources=nonexistent', { resources: new Set(['nonexistent']) }],
    ['?exclude_resources=nonexistent', { excludeResources: new Set(['nonexistent']) }],
    ['?resources=', { resources: new Set(['']) }],
    ['?resources=,', { resources: new Set(['']) }],
    ['?exclude_resources=', { excludeResources: new Set(['']) }],
  ])('%s selects resources of the page, and no name is an error', async (query, expected) => {
    const { url, pages } = await start(() => [])
    expect((await ask(url(`/metrics${query}`))).status).toBe(200)
    expect(pages[0]?.asked).toEqual({ format: 'text', ...expected })
  })

  test('gzip when enabled and accepted, and only then', async () => {
    const enabled = await start(() => words('a 1\n', 'b 2\n'), { gzip: true })
    const headers = { 'accept-encoding': 'gzip' }
    const packed = await ask(enabled.url('/metrics'), { headers })
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept, Accept-Encoding' })
    expect(gunzipSync(packed.body).toString()).toBe('a 1\nb 2\n')
    const plain = await ask(enabled.url('/metrics'))
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.body.toString()).toBe('a 1\nb 2\n')
    const disabled = await start(() => words('a 1\n'))
    expect((await ask(disabled.url('/metrics'), { headers })).headers['content-encoding']).toBeUndefined()
    await waitFor(() => expect(enabled.pages).toMatchObject([{ ended: 1 }, { ended: 1 }]))
  })

  test('a connection is used again', async () => {
    const { url } = await start(() => words('a 1\n'))
    for (let i = 0; i < 3; i++) expect(await (await fetch(url('/metrics'))).text()).toBe('a 1\n')
  })

  test.each([[false], [true]])('a page is taken at the pace of its reader (gzip: %s)', async (gzip) => {
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

  test('the event loop turns between slices', async () => {
    let turns = 0
    let running = true
    const turn = () => {
      turns += 1
      if (running) setImmediate(turn)
    }
    const seen: number[] = []
    function* recordTurns() {
      for (let i = 0; i < 10; i++) {
        seen.push(turns)
        yield Buffer.from('x')
      }
    }
    const { url } = await start(recordTurns)
    turn()
    await ask(url('/metrics'))
    running = false
    expect(new Set(seen).size).toBe(10)
  })

  test('a client that goes away stops the page', async () => {
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

  test('the write timeout is absolute: a client that reads a little now and then has no longer', async () => {
    const { url, scrapes } = await start(() => bigPage(), { limits: { ...limits, writeMs: 400 } })
    const { response } = await askWithoutReading(url('/metrics'))
    let received = 0
    const sip = setInterval(() => {
      received += response.read()?.length ?? 0
    }, 20)
    closers.push(() => clearInterval(sip))
    await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'timeout' }]))
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThan(bigPageBytes)
  })

  test('a page that breaks breaks the connection, never the process', async () => {
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

  test('a page that does not open is answered 500', async () => {
    const openPage = () => {
      throw new Error('not yet')
    }
    const { url, scrapes } = await start(() => [], { openPage })
    const { status, body } = await ask(url('/metrics'))
    expect(status).toBe(500)
    expect(body.toString()).not.toContain('not yet')
    expect(scrapes).toMatchObject([{ outcome: 'failed', bytes: 0 }])
  })

  test('concurrent scrapes are bounded, a few wait, the rest is refused', async () => {
    const scrapes = { running: 2, queued: 1, queuedMs: 60_000 }
    const held = Promise.withResolvers<void>()
    async function* heldPage() {
      await held.promise
      yield Buffer.from('a 1\n')
    }
    const { url, pages, scrapes: reports } = await start(heldPage, { scrapes })
    const answers = [ask(url('/metrics')), ask(url('/metrics'))]
    await waitFor(() => expect(pages).toHaveLength(2))
    // One of these two waits, so the first to be answered is the other.
    const contenders = [ask(url('/metrics')), ask(url('/metrics'))]
    expect(await Promise.race(contenders)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect((await ask(url('/healthz'))).status).toBe(200)
    expect(pages).toHaveLength(2)
    expect(reports).toMatchObject([{ outcome: 'refused' }])
    held.resolve()
    const statuses = (await Promise.all([...answers, ...contenders])).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 200, 200, 503])
    expect(pages).toHaveLength(3)
  })

  test('a scrape that waits too long in the queue is refused', async () => {
    const held = Promise.withResolvers<void>()
    async function* heldPage() {
      await held.promise
      yield Buffer.from('a 1\n')
    }
    const { url, pages } = await start(heldPage, { scrapes: { running: 1, queued: 1, queuedMs: 50 } })
    const first = ask(url('/metrics'))
    await waitFor(() => expect(pages).toHaveLength(1))
    expect(await ask(url('/metrics'))).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    held.resolve()
    expect((await first).status).toBe(200)
  })

  test('slow readers, however many, keep no other scraper from its page', { timeout: 30_000 }, async () => {
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
})

describe('limits', () => {
  /** Sends these bytes and resolves with what comes back until the server closes the connection. */
  async function converse(address: { port: number }, bytes: string): Promise<string> {
    const socket = connect(address.port, '127.0.0.1')
    socket.write(bytes)
    return (await buffer(socket)).toString()
  }

  test.each(['', 'GET /metrics HTTP/1.1\r\nHost: a\r\n'])(
    'a head that never ends (%j) is answered 408 in its time',
    { timeout: 20_000 },
    async (bytes) => {
      const { metricsAddress } = await start(() => [], { limits: { ...limits, readHeaderMs: 200 } })
      expect(await converse(metricsAddress, bytes)).toMatch(/^(HTTP\/1.1 408 |$)/)
    },
  )

  test('idle connections make room for new ones', async () => {
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

  test('connections beyond the bound are dropped while all others are busy', async () => {
    const held = Promise.withResolvers<void>()
    async function* heldPage() {
      await held.promise
      yield Buffer.from('a 1\n')
    }
    const { url, pages } = await start(heldPage, { limits: { ...limits, maxConnections: 2 } })
    const busy = [ask(url('/metrics')), ask(url('/metrics'))]
    await waitFor(() => expect(pages).toHaveLength(2))
    await expect(ask(url('/metrics'))).rejects.toThrow(/ECONNRESET|hang up/)
    held.resolve()
    expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(url('/metrics'))).status).toBe(200)
  })
})

describe('health', () => {
  test.each(['/healthz', '/livez'])('%s answers on both servers', async (path) => {
    const { url, selfUrl } = await start(() => [])
    for (const address of [url(path), selfUrl(path)])
      expect(await ask(address)).toMatchObject({ status: 200, body: Buffer.from('OK\n') })
  })

  test('/readyz says what it waits for', async () => {
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

  test('a self page that fails is answered 500 and logged once', async () => {
    const selfPage = () => Promise.reject(new Error('reader is shut down'))
    const { selfUrl, records } = await start(() => [], { selfPage })
    for (let i = 0; i < 2; i++) expect((await ask(selfUrl('/metrics'))).status).toBe(500)
    expect(records).toMatchObject([{ err: { message: 'reader is shut down' } }])
  })

  test('/ links to what there is; elsewhere there is nothing', async () => {
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
  ])('a taken port for %s is one clear line naming %s', async (key, flag) => {
    const owner = createServer().listen(0, '127.0.0.1')
    await once(owner, 'listening')
    closers.push(() => owner.close())
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

  test('an address of another machine names the host flag', async () => {
    const failure = startServers(() => [], { metricsListen: { host: '192.0.2.1', port: 0 } })
    await expect(failure).rejects.toThrow(/^cannot listen on 192\.0\.2\.1:0: .* with --host$/)
  })

  test('close lets a running scrape end within its grace', async () => {
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

  test('close cuts off what outlasts the grace', async () => {
    const { url, close, pages } = await start(() => bigPage())
    const { asked } = await askWithoutReading(url('/metrics'))
    await close(50)
    await waitFor(() => expect(pages).toMatchObject([{ ended: 1 }]))
    await expect(ask(url('/healthz'))).rejects.toThrow(/ECONNREFUSED/)
    asked.destroy()
  })
})
