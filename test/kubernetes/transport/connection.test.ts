import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer as createTcpServer } from 'node:net'
import type { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClusterAccess, Credentials } from '../../../src/kubernetes/auth/cluster-access.ts'
import type { Connection, ConnectionOptions } from '../../../src/kubernetes/transport/connection.ts'
import { CredentialsError, createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createManualClock } from '../manual-clock.ts'
import type { TlsApiServer } from './http2-api-server.ts'
import { startTlsApiServer, startWire } from './http2-api-server.ts'

const never = new AbortController().signal

const firstGeneration = { generation: 1, source: 'a test', renew() {}, renewIfChanged() {} }

function accessTo(server: URL, credentials: () => Credentials): ClusterAccess {
  return { ...firstGeneration, server, credentials: async () => credentials() }
}

function connectTo({ url, ca }: Pick<TlsApiServer, 'url' | 'ca'>, options: Pick<ConnectionOptions, 'proxyOf'> = {}) {
  const clock = createManualClock()
  const connection = createConnection({
    access: accessTo(url, () => ({ tls: { ca }, headers: {} })),
    clock,
    ...options,
  })
  onTestFinished(() => connection.close())
  return { connection, clock }
}

async function textOf(body: Readable): Promise<string> {
  return Buffer.concat(await body.toArray()).toString()
}

async function ask(connection: Connection, path: string): Promise<string> {
  const { status, body } = await connection.send({ path, headers: {}, signal: never })
  return `${status} ${await textOf(body)}`
}

/** Opens a stream that stays; resolves when it has begun. */
async function openWatch(connection: Connection, signal = never): Promise<Readable> {
  const { body } = await connection.send({ path: '/watch', headers: {}, signal })
  await once(body, 'readable')
  return body
}

describe('a server that offers HTTP/2', () => {
  it('is asked everything over one session', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo(server)
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => ask(connection, path)))
    await openWatch(connection)
    expect(answers).toEqual(['200 /a', '200 /b', '200 /c'])
    expect(server.asked).toEqual(['2.0 /a', '2.0 /b', '2.0 /c', '2.0 /watch'])
    expect(server.sessions).toHaveLength(1)
  })

  it('is asked over a second session when the first may carry no more streams', async () => {
    const server = await startTlsApiServer({ maxConcurrentStreams: 2 })
    const { connection } = connectTo(server)
    const watches = []
    for (const _ of [1, 2, 3]) watches.push(await openWatch(connection))
    expect(server.sessions).toHaveLength(2)
    watches[0]?.destroy()
    await once(server.watches[0] as object as NodeJS.EventEmitter, 'close')
    await openWatch(connection)
    expect(server.sessions).toHaveLength(2)
  })

  it('is asked over as many sessions as it takes for all who ask at once', async () => {
    const server = await startTlsApiServer({ maxConcurrentStreams: 100 })
    const { connection } = connectTo(server)
    await Promise.all(Array.from({ length: 120 }, () => openWatch(connection)))
    expect(server.sessions).toHaveLength(2)
  })

  it.each(['destroy', 'goaway'] as const)('is connected to anew after its session is lost (%s)', async (way) => {
    const server = await startTlsApiServer()
    const { connection } = connectTo(server)
    const watch = await openWatch(connection)
    const [session] = server.sessions
    if (way === 'destroy') {
      const closed = once(watch, 'close')
      session?.destroy()
      await closed
    } else {
      session?.goaway()
      session?.close()
    }
    expect(await ask(connection, '/again')).toBe('200 /again')
    expect(server.sessions.length).toBe(2)
  })

  it('hears when a stream is aborted', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo(server)
    const abort = new AbortController()
    const watch = await openWatch(connection, abort.signal)
    watch.on('error', () => {})
    const closed = once(server.watches[0] as object as NodeJS.EventEmitter, 'close')
    abort.abort()
    await closed
  })

  it('is noticed to be dead when it answers no pings', async () => {
    const server = await startTlsApiServer()
    const wire = await startWire(server.url)
    const { connection, clock } = connectTo({ url: wire.url, ca: server.ca })
    const watch = await openWatch(connection)
    const lost = new Promise<Error>((resolve) => watch.once('error', resolve))
    ;(await clock.alarm((ms) => ms === 30_000)).ring()
    // Answered: the next ping is due.
    const next = await clock.alarm((ms) => ms === 30_000)
    wire.freeze()
    next.ring()
    ;(await clock.alarm((ms) => ms === 15_000)).ring()
    expect((await lost).message).toBe('the API server does not respond to pings')
  })

  it('may say goodbye and keep its end open: it is not pinged again', async () => {
    const server = await startTlsApiServer()
    const wire = await startWire(server.url)
    const { connection, clock } = connectTo({ url: wire.url, ca: server.ca })
    await ask(connection, '/a')
    const ping = await clock.alarm((ms) => ms === 30_000)
    wire.muteClient()
    server.sessions[0]?.goaway()
    while (server.sessions.length === 1) await ask(connection, '/again')
    ping.ring()
    // What is left is the ping of the second session.
    expect(clock.pending()).toEqual([30_000])
  })

  it('is shown new certificates over a new session', async () => {
    const server = await startTlsApiServer()
    const other = await startTlsApiServer()
    let ca = server.ca
    const access = accessTo(server.url, () => ({ tls: { ca }, headers: {} }))
    const connection = createConnection({ access, clock: createManualClock() })
    onTestFinished(() => connection.close())
    await ask(connection, '/a')
    ca = `${server.ca}\n${other.ca}`
    await ask(connection, '/b')
    expect(server.sessions).toHaveLength(2)
  })
})

describe('a server', () => {
  it('is asked over HTTP/1.1 when it offers no other', async () => {
    const server = await startTlsApiServer({ http1: true })
    const { connection } = connectTo(server)
    await openWatch(connection)
    expect(await ask(connection, '/a')).toBe('200 /a')
    expect(server.asked).toEqual(['1.1 /watch', '1.1 /a'])
  })

  it('may be left at any moment of an answer over HTTP/1.1', async () => {
    const server = await startTlsApiServer({ http1: true })
    const { connection } = connectTo(server)
    for (const moment of ['headers', 'data', 'end'] as const) {
      const abort = new AbortController()
      const { body } = await connection.send({ path: '/a', headers: {}, signal: abort.signal })
      if (moment === 'headers') abort.abort()
      else body.once(moment, () => abort.abort())
      await textOf(body).catch(() => {})
    }
    const abort = new AbortController()
    const watch = await openWatch(connection, abort.signal)
    abort.abort()
    await expect(textOf(watch)).rejects.toThrow()
    expect(await ask(connection, '/b')).toBe('200 /b')
  })

  it('is asked through its proxy', async () => {
    const server = await startTlsApiServer()
    const proxy = createServer()
    const tunnels: string[] = []
    const sockets: Socket[] = []
    proxy.on('connect', ({ url = '' }, client: Socket) => {
      tunnels.push(url)
      const upstream = connect(Number(server.url.port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      sockets.push(client, upstream)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const url = new URL(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    const { connection } = connectTo(server, { proxyOf: ({ host }) => (host === server.url.host ? url : undefined) })
    expect(await ask(connection, '/a')).toBe('200 /a')
    expect(tunnels).toEqual([server.url.host])
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })

  it('is asked below its own path', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo({ url: new URL('/clusters/c-1/', server.url), ca: server.ca })
    expect(await ask(connection, '/api')).toBe('200 /clusters/c-1/api')
  })

  it('is refused when another authority has signed its certificate', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo({ url: server.url, ca: (await startTlsApiServer()).ca })
    await expect(ask(connection, '/a')).rejects.toThrow(/certificate|signature/)
  })

  it('is given up when it does not shake hands', async () => {
    const silent = createTcpServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    const { connection, clock } = connectTo({ url, ca: '' })
    const answer = expect(ask(connection, '/a')).rejects.toThrow(`no connection to ${url.host} within 10 s`)
    ;(await clock.alarm((ms) => ms === 10_000)).ring()
    await answer
    silent.close()
  })

  it('is not waited for by those who have lost patience while it does not shake hands', async () => {
    const silent = createTcpServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    const { connection, clock } = connectTo({ url, ca: '' })
    const abort = new AbortController()
    const answer = connection.send({ path: '/a', headers: {}, signal: abort.signal })
    await clock.alarm((ms) => ms === 10_000)
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    silent.close()
  })

  it('is no longer connected to once we close', async () => {
    const silent = createTcpServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    const { connection, clock } = connectTo({ url, ca: '' })
    const answer = expect(ask(connection, '/a')).rejects.toThrow('the connection was closed')
    await clock.alarm((ms) => ms === 10_000)
    connection.close()
    await answer
    expect(clock.pending()).toEqual([])
    silent.close()
  })

  it('is not waited for while a plugin for our credentials hangs', async () => {
    const { promise: hanging, resolve: ended } = Promise.withResolvers<Credentials>()
    onTestFinished(() => ended({ tls: {}, headers: {} }))
    const access = { ...accessTo(new URL('https://127.0.0.1:1'), () => expect.fail()), credentials: () => hanging }
    const connection = createConnection({ access, clock: createManualClock() })
    const abort = new AbortController()
    const answer = connection.send({ path: '/a', headers: {}, signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })

  it('is not asked when our own credentials cannot be had', async () => {
    const access = accessTo(new URL('https://127.0.0.1:1'), () => {
      throw new Error('the plugin has failed')
    })
    const connection = createConnection({ access, clock: createManualClock() })
    const failure = await ask(connection, '/a').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(CredentialsError)
    expect(failure).toHaveProperty('message', 'the plugin has failed')
  })
})

describe('the configuration of the cluster', () => {
  it('is read again when a certificate is not accepted, once for all who meet that at the time', async () => {
    const server = await startTlsApiServer()
    const other = await startTlsApiServer()
    let ca = other.ca
    let renewals = 0
    const access: ClusterAccess = {
      ...accessTo(server.url, () => ({ tls: { ca }, headers: {} })),
      renew() {
        renewals += 1
        ca = server.ca
      },
    }
    const connection = createConnection({ access, clock: createManualClock() })
    onTestFinished(() => connection.close())
    await expect(Promise.all([ask(connection, '/a'), ask(connection, '/b')])).rejects.toThrow(/certificate|signature/)
    expect(await ask(connection, '/c')).toBe('200 /c')
    expect(renewals).toBe(1)
  })

  it('may name another server: requests go there, what is in flight over the old one ends', async () => {
    const first = await startTlsApiServer()
    const second = await startTlsApiServer()
    let [generation, server] = [1, first]
    const changes: string[] = []
    const access: ClusterAccess = {
      ...accessTo(first.url, () => ({ tls: { ca: server.ca }, headers: {} })),
      get generation() {
        return generation
      },
      get server() {
        return server.url
      },
    }
    const onServerChanged = (url: URL) => void changes.push(url.href)
    const connection = createConnection({ access, clock: createManualClock(), onServerChanged })
    onTestFinished(() => connection.close())
    const watch = await openWatch(connection)
    watch.on('error', () => {})
    const ended = once(watch, 'close')
    await connection.refresh()
    expect(watch.destroyed).toBe(false)
    ;[generation, server] = [2, second]
    await connection.refresh()
    await ended
    expect(changes).toEqual([second.url.href])
    expect(await ask(connection, '/a')).toBe('200 /a')
    expect(second.asked).toEqual(['2.0 /a'])
  })
})

it('a server for which no proxy can be found fails requests, and no look for a changed configuration', async () => {
  const server = await startTlsApiServer()
  let generation = 1
  const access: ClusterAccess = {
    ...accessTo(server.url, () => ({ tls: { ca: server.ca }, headers: {} })),
    get generation() {
      return generation
    },
  }
  const proxyOf = () => {
    if (generation > 1) throw new Error('HTTPS_PROXY: not the http:// URL of a proxy')
    return undefined
  }
  const connection = createConnection({ access, clock: createManualClock(), proxyOf })
  onTestFinished(() => connection.close())
  expect(await ask(connection, '/a')).toBe('200 /a')
  generation = 2
  await connection.refresh()
  await expect(ask(connection, '/b')).rejects.toThrow('HTTPS_PROXY')
})

describe('coordination', () => {
  const coordinate = async (connection: Connection, path: string) =>
    textOf((await connection.send({ method: 'PUT', path, headers: {}, signal: never }, 'coordination')).body)

  it('does not wait behind the TLS handshake of a watch', async () => {
    const server = await startTlsApiServer()
    const wire = await startWire(server.url)
    wire.stallNext()
    const { connection } = connectTo({ url: wire.url, ca: server.ca })
    const abort = new AbortController()
    const watch = connection.send({ path: '/watch', headers: {}, signal: abort.signal })
    await wire.stalled
    expect(await coordinate(connection, '/lease')).toBe('/lease')
    abort.abort(new Error('enough'))
    await expect(watch).rejects.toThrow('enough')
  })

  it('does not wait for a plugin that hangs while there are older credentials', async () => {
    const server = await startTlsApiServer()
    const { promise: hanging, resolve: ended } = Promise.withResolvers<Credentials>()
    onTestFinished(() => ended({ tls: {}, headers: {} }))
    let isHanging = false
    const credentials = async () => (isHanging ? hanging : { tls: { ca: server.ca }, headers: {} })
    const clock = createManualClock()
    const access: ClusterAccess = { ...firstGeneration, server: server.url, credentials }
    const connection = createConnection({ access, clock })
    onTestFinished(() => connection.close())
    expect(await coordinate(connection, '/first')).toBe('/first')
    isHanging = true
    const renewal = coordinate(connection, '/second')
    ;(await clock.alarm((ms) => ms === 1000)).ring()
    expect(await renewal).toBe('/second')
  })

  it('uses older credentials when no new ones can be had', async () => {
    const server = await startTlsApiServer()
    let isBroken = false
    const access = accessTo(server.url, () => {
      if (isBroken) throw new Error('the plugin has failed')
      return { tls: { ca: server.ca }, headers: {} }
    })
    const clock = createManualClock()
    const connection = createConnection({ access, clock })
    onTestFinished(() => connection.close())
    await coordinate(connection, '/first')
    isBroken = true
    expect(await coordinate(connection, '/second')).toBe('/second')
    expect(clock.pending()).not.toContain(1000)
  })
})
