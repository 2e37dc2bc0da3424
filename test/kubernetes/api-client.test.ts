import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ApiClient, ApiRequest } from '../../src/kubernetes/api-client.ts'
import { ApiRefusal, createApiClient } from '../../src/kubernetes/api-client.ts'
import type { Connection } from '../../src/kubernetes/transport/connection.ts'
import { createConnection } from '../../src/kubernetes/transport/connection.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import { createManualClock } from '../time/manual-clock.ts'

const { signal } = new AbortController()

/** A client of a server that answers with the status that the path names, and with what it was sent. */
async function startClient(
  version: 'HTTP/1.1' | 'HTTP/2',
  delayAnswers = (): unknown => undefined,
): Promise<ApiClient> {
  const authority = createAuthority('test')
  const server = version === 'HTTP/2' ? createSecureServer(authority.issueLeaf('server')) : createServer()
  server.on('request', async (request, response) => {
    if (request.url === '/never') return
    const sent = (await buffer(request)).toString()
    if (request.headers['accept-encoding'] === 'gzip') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      return response.end(gzipSync('{"packed":true}'))
    }
    const { 'content-type': type, 'user-agent': agent } = request.headers
    response.writeHead(Number(request.url?.slice(1).split('?')[0]), { 'content-type': 'application/json' })
    response.end(response.statusCode === 204 ? '' : JSON.stringify({ method: request.method, type, agent, sent }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const access = {
    generation: 1,
    server: new URL(`${version === 'HTTP/2' ? 'https' : 'http'}://127.0.0.1:${port}`),
    source: 'a test',
    credentials: async () => ({ tls: { ca: authority.cert }, headers: {} }),
    renew() {},
    renewIfChanged() {},
  }
  const connection = createConnection({ access, clock: createManualClock() })
  const send: Connection['send'] = async (request, lane) => {
    const answer = await connection.send(request, lane)
    await delayAnswers()
    return answer
  }
  const client = createApiClient({ ...connection, send }, 'test/1')
  onTestFinished(() => {
    client.close()
    server.close()
  })
  return client
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('over %s', (version) => {
  it('reads an answer that has arrived whole before', async () => {
    const client = await startClient(version, () => sleep(200))
    const asked = [{ path: '/201' }, { path: '/200' }, { path: '/200', gzip: true }]
    const answers = await Promise.all(asked.map((request) => client.sendJson({ ...request, signal })))
    expect(answers).toMatchObject([{ method: 'GET' }, { method: 'GET' }, { packed: true }])
    await expect(client.sendJson({ path: '/409', signal })).rejects.toMatchObject({ code: 409 })
  })

  it.each<[Partial<ApiRequest>, object]>([
    [{}, { method: 'GET', agent: 'test/1', sent: '' }],
    [
      { method: 'POST', body: { kind: 'Lease' } },
      { method: 'POST', type: 'application/json', agent: 'test/1', sent: '{"kind":"Lease"}' },
    ],
    [
      { method: 'PATCH', body: { spec: { holder: 'é' } }, contentType: 'application/merge-patch+json' },
      { method: 'PATCH', type: 'application/merge-patch+json', agent: 'test/1', sent: '{"spec":{"holder":"é"}}' },
    ],
    [{ method: 'DELETE' }, { method: 'DELETE', agent: 'test/1', sent: '' }],
  ])('%o is sent', async (request, received) => {
    const client = await startClient(version)
    expect(await client.sendJson({ path: '/200', signal, ...request })).toEqual(received)
  })

  it('any 2xx is a success, also without a body', async () => {
    const client = await startClient(version)
    for (const path of ['/200', '/201', '/202']) {
      expect(await client.sendJson({ method: 'POST', path, body: {}, signal })).toMatchObject({ method: 'POST' })
    }
    expect(await client.sendJson({ method: 'DELETE', path: '/204', signal })).toBeUndefined()
  })

  it.each([302, 400, 409, 500])('%i is a refusal', async (code) => {
    const client = await startClient(version)
    const failure = await client.sendJson({ path: `/${code}`, signal }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiRefusal)
    expect(failure).toMatchObject({ code, status: undefined })
  })

  it('a request ends at its deadline', async () => {
    const client = await startClient(version)
    await expect(client.sendJson({ path: '/never', deadlineMs: 20, signal })).rejects.toThrow(/timeout/)
  })
})
