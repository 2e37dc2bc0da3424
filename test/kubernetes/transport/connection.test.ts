/** Requests over HTTP/1.1 and HTTP/2: proxy, path, TLS handshake, aborts. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Credentials } from '../../../src/kubernetes/auth/cluster-access.ts'
import { CredentialsError, createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { startConnectProxy } from '../../simulator/connect-proxy.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import { accessTo, ask, connectTo, openWatch, textOf } from './connecting.ts'
import { startTlsApiServer } from './http2-api-server.ts'

/** Accepts connections and sends nothing. */
async function startSilentServer(): Promise<URL> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

describe('a connection', () => {
  it('uses HTTP/1.1 when the server does not offer HTTP/2', async () => {
    const server = await startTlsApiServer({ http1: true })
    const { connection } = connectTo(server)
    await openWatch(connection)
    expect(await ask(connection, '/a')).toBe('200 /a')
    expect(server.asked).toEqual(['1.1 /watch', '1.1 /a'])
  })

  it('can abort a request at any point of a response over HTTP/1.1', async () => {
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

  it('uses the proxy of the server', async () => {
    const server = await startTlsApiServer()
    const { requests, port } = await startConnectProxy()
    const url = new URL(`http://127.0.0.1:${port}`)
    const { connection } = connectTo(server, { proxyOf: ({ host }) => (host === server.url.host ? url : undefined) })
    expect(await ask(connection, '/a')).toBe('200 /a')
    expect(requests.map(({ target }) => target)).toEqual([server.url.host])
  })

  it('puts the path of the server before that of the request', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo({ url: new URL('/clusters/c-1/', server.url), ca: server.ca })
    expect(await ask(connection, '/api')).toBe('200 /clusters/c-1/api')
  })

  it('rejects a certificate that another authority has signed', async () => {
    const server = await startTlsApiServer()
    const { connection } = connectTo({ url: server.url, ca: (await startTlsApiServer()).ca })
    await expect(ask(connection, '/a')).rejects.toThrow(/certificate|signature/)
  })

  it('fails when the TLS handshake takes too long', async () => {
    const url = await startSilentServer()
    const { connection, clock } = connectTo({ url, ca: '' })
    const answer = expect(ask(connection, '/a')).rejects.toThrow(`no connection to ${url.host} within 10 s`)
    ;(await clock.alarm((ms) => ms === 10_000)).ring()
    await answer
  })

  it('stops waiting for the TLS handshake when the request is aborted', async () => {
    const url = await startSilentServer()
    const { connection, clock } = connectTo({ url, ca: '' })
    const abort = new AbortController()
    const answer = connection.send({ path: '/a', headers: {}, signal: abort.signal })
    await clock.alarm((ms) => ms === 10_000)
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })

  it('stops waiting for the TLS handshake when it is closed', async () => {
    const url = await startSilentServer()
    const { connection, clock } = connectTo({ url, ca: '' })
    const answer = expect(ask(connection, '/a')).rejects.toThrow('the connection was closed')
    await clock.alarm((ms) => ms === 10_000)
    connection.close()
    await answer
    expect(clock.pending()).toEqual([])
  })

  it('stops waiting for a credential plugin that hangs when the request is aborted', async () => {
    const { promise: hanging, resolve: ended } = Promise.withResolvers<Credentials>()
    onTestFinished(() => ended({ tls: {}, headers: {} }))
    const access = { ...accessTo(new URL('https://127.0.0.1:1'), () => expect.fail()), credentials: () => hanging }
    const connection = createConnection({ access, clock: createManualClock() })
    const abort = new AbortController()
    const answer = connection.send({ path: '/a', headers: {}, signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
  })

  it('fails without a request when there are no credentials', async () => {
    const access = accessTo(new URL('https://127.0.0.1:1'), () => {
      throw new Error('the plugin has failed')
    })
    const connection = createConnection({ access, clock: createManualClock() })
    const failure = await ask(connection, '/a').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(CredentialsError)
    expect(failure).toHaveProperty('message', 'the plugin has failed')
  })
})
