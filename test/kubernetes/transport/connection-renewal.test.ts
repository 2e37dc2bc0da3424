/** A connection whose credentials, certificates or server change. */
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClusterAccess, Credentials } from '../../../src/kubernetes/auth/cluster-access.ts'
import type { Connection } from '../../../src/kubernetes/transport/connection.ts'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import { accessTo, ask, connectTo, firstGeneration, never, openWatch, textOf } from './connecting.ts'
import { startTlsApiServer, startWire } from './http2-api-server.ts'

describe('the access to the cluster', () => {
  it('is renewed when a certificate is rejected, once for all requests that fail at that time', async () => {
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

  it('may name another server: new requests go there, requests in flight to the old one end', async () => {
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

  it('may lead to a server without a valid proxy: requests fail, the check for changes does not', async () => {
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
})

describe('a coordination request', () => {
  const coordinate = async (connection: Connection, path: string) =>
    textOf((await connection.send({ method: 'PUT', path, headers: {}, signal: never }, 'coordination')).body)

  it('does not wait for the TLS handshake of a watch', async () => {
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

  it('does not wait for a plugin that hangs when there are older credentials', async () => {
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

  it('uses older credentials when new ones cannot be read', async () => {
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
