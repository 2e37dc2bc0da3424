/** Sessions of an HTTP/2 connection: how many there are, and when they are replaced. */
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import { accessTo, ask, connectTo, openWatch } from './connecting.ts'
import { startTlsApiServer, startWire } from './http2-api-server.ts'

describe('an HTTP/2 connection', () => {
  it('sends all requests over one session', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo(server)
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => ask(connection, path)))
    await openWatch(connection)
    expect(answers).toEqual(['200 /a', '200 /b', '200 /c'])
    expect(server.asked).toEqual(['2.0 /a', '2.0 /b', '2.0 /c', '2.0 /watch'])
    expect(server.sessions).toHaveLength(1)
  })

  it('opens a second session when the first allows no more streams', async () => {
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

  it('opens as many sessions as concurrent requests need', async () => {
    const server = await startTlsApiServer({ maxConcurrentStreams: 100 })
    const { connection } = connectTo(server)
    await Promise.all(Array.from({ length: 120 }, () => openWatch(connection)))
    expect(server.sessions).toHaveLength(2)
  })

  it.each(['destroy', 'goaway'] as const)('opens a new session after the old one is lost (%s)', async (way) => {
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

  it('resets the stream of a request that is aborted', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo(server)
    const abort = new AbortController()
    const watch = await openWatch(connection, abort.signal)
    watch.on('error', () => {})
    const closed = once(server.watches[0] as object as NodeJS.EventEmitter, 'close')
    abort.abort()
    await closed
  })

  it('is closed when the server does not answer pings', async () => {
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

  it('sends no more pings after GOAWAY, even if the server keeps the session open', async () => {
    const server = await startTlsApiServer()
    const wire = await startWire(server.url)
    const { connection, clock } = connectTo({ url: wire.url, ca: server.ca })
    await ask(connection, '/a')
    const ping = await clock.alarm((ms) => ms === 30_000)
    wire.muteClient()
    server.sessions[0]?.goaway()
    while (server.sessions.length === 1) await ask(connection, '/again')
    ping.ring()
    // Only the ping of the second session is left.
    expect(clock.pending()).toEqual([30_000])
  })

  it('opens a new session when the certificates change', async () => {
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
