/** Both servers over TLS, with real clients: protocol, client certificates, HTTP/2, and changes while they run. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectHttp2, constants } from 'node:http2'
import type { RequestOptions } from 'node:https'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { ConnectionOptions } from 'node:tls'
import { connect } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ServersOptions } from '../../../src/server/servers.ts'
import { WebConfigError } from '../../../src/server/web-config/web-config.ts'
import type { AlternativeName } from '../../simulator/otlp/certificates.ts'
import { createAuthority } from '../../simulator/otlp/certificates.ts'
import { ask as askPlain, limits, startServers } from '../fixture.ts'
import { createWebFolder } from './files.ts'

const authority = createAuthority('server authority')
const clients = createAuthority('client authority')
const strangers = createAuthority('another authority')
const server = authority.issueLeaf('server')
const files = { 'server.crt': server.cert, 'server.key': server.key, 'ca.crt': clients.cert }
const client = clients.issueLeaf('client', [{ dns: 'prometheus.monitoring' }])
const stranger = strangers.issueLeaf('stranger')

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const tls = (...lines: string[]) =>
  ['tls_server_config:', '  cert_file: server.crt', '  key_file: server.key', ...lines.map((line) => `  ${line}`)].join(
    '\n',
  )

/** Both servers under a web configuration. `slices` is the page of object metrics. */
async function start(
  text: string,
  options: Partial<ServersOptions> = {},
  slices: () => Iterable<Uint8Array> = () => [Buffer.from('a 1\n')],
) {
  const folder = createWebFolder(text, files)
  const servers = await startServers(slices, { webConfigFile: folder.path, ...options })
  closers.push(() => servers.close(0))
  const secure = (url: string) => url.replace('http:', 'https:')
  return {
    ...servers,
    ...folder,
    url: (path: string) => secure(servers.url(path)),
    selfUrl: (path: string) => secure(servers.selfUrl(path)),
    port: servers.metricsAddress.port,
  }
}

/** Asks on a connection of its own. Rejects when the server does not answer. */
async function ask(url: string, options: RequestOptions = {}) {
  const asked = request(url, { agent: false, ca: authority.cert, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: (await buffer(response)).toString() }
}

const statusOf = (url: string, options: RequestOptions = {}) =>
  ask(url, options).then(
    ({ status }) => status,
    () => 'refused',
  )

/** What a handshake agrees on. Rejects when there is no agreement. */
async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ host: '127.0.0.1', port, ca: authority.cert, ...options })
  closers.push(() => socket.destroy())
  await once(socket, 'secureConnect')
  const { name } = socket.getCipher()
  const info = socket.getEphemeralKeyInfo() as { name?: string }
  return { version: socket.getProtocol(), cipher: name, curve: info.name, alpn: socket.alpnProtocol }
}

async function openHttp2(url: string): Promise<ClientHttp2Session> {
  const session = connectHttp2(new URL(url).origin, { ca: authority.cert })
  closers.push(() => session.destroy())
  await once(session, 'connect')
  return session
}

describe('over TLS', () => {
  test('both ports answer, with the certificate of the files, and plain HTTP is not answered', async () => {
    const { url, selfUrl, metricsAddress } = await start(tls())
    expect(await ask(url('/metrics'))).toMatchObject({ status: 200, body: 'a 1\n' })
    expect(await ask(selfUrl('/readyz'))).toMatchObject({ status: 200, body: 'ready\n' })
    const plain = askPlain(`http://${metricsAddress.host}:${metricsAddress.port}/metrics`)
    expect(
      await plain.then(
        ({ status }) => status,
        () => 'refused',
      ),
    ).not.toBe(200)
  })

  test.each([
    [['min_version: TLS13'], { maxVersion: 'TLSv1.2' }, undefined],
    [['max_version: TLS12'], { minVersion: 'TLSv1.3' }, undefined],
    [['max_version: TLS12'], {}, { version: 'TLSv1.2' }],
    [[], {}, { version: 'TLSv1.3' }],
    [[], { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }, undefined],
    [
      ['min_version: TLS11'],
      { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
      { version: 'TLSv1.1' },
    ],
    [
      ['cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'],
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' },
      { cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
    ],
    [
      [
        'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]',
        'prefer_server_cipher_suites: false',
      ],
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' },
      { cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    ],
    [
      ['cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'],
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
      undefined,
    ],
    [['cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'], {}, { version: 'TLSv1.3' }],
    [['curve_preferences: [CurveP384]'], { maxVersion: 'TLSv1.2' }, { curve: 'secp384r1' }],
    [['curve_preferences: [CurveP384]'], { ecdhCurve: 'X25519' }, undefined],
  ] as const)('with %j, a client with %j agrees on %j', async (lines, options, expected) => {
    const { port } = await start(tls(...lines))
    const agreed = await handshake(port, options as ConnectionOptions).catch(() => undefined)
    if (expected === undefined) expect(agreed).toBeUndefined()
    else expect(agreed).toMatchObject(expected)
  })
})

describe('client certificates', () => {
  const known = { cert: client.cert, key: client.key }
  const unknown = { cert: stranger.cert, key: stranger.key }
  const ca = 'client_ca_file: ca.crt'
  test.each([
    // Of a client without certificate, with one of the client CA, and with one of another CA.
    ['NoClientCert', [], [200, 200, 200]],
    ['RequestClientCert', [ca], [200, 200, 200]],
    ['RequireAnyClientCert', [ca], ['refused', 200, 200]],
    ['VerifyClientCertIfGiven', [ca], [200, 200, 'refused']],
    ['RequireAndVerifyClientCert', [ca], ['refused', 200, 'refused']],
    ['RequireAndVerifyClientCert', [], ['refused', 'refused', 'refused']],
    [
      'RequireAndVerifyClientCert',
      [ca, 'client_allowed_sans: [x, prometheus.monitoring]'],
      ['refused', 200, 'refused'],
    ],
    ['RequireAndVerifyClientCert', [ca, 'client_allowed_sans: [prometheus]'], ['refused', 'refused', 'refused']],
    ['RequestClientCert', ['client_allowed_sans: [127.0.0.1]'], ['refused', 'refused', 200]],
  ] as const)('%s with %j', async (type, lines, expected) => {
    const { url, selfUrl } = await start(tls(`client_auth_type: ${type}`, ...lines))
    for (const address of [url('/metrics'), selfUrl('/metrics')]) {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const statuses = []
        for (const shown of [{}, known, unknown]) statuses.push(await statusOf(address, { ...shown, maxVersion }))
        expect(statuses).toEqual(expected)
      }
    }
  })

  test('a refused client is logged once, with the reason', async () => {
    const { url, records } = await start(tls('client_auth_type: RequireAnyClientCert'))
    for (let i = 0; i < 2; i++) expect(await statusOf(url('/metrics'))).toBe('refused')
    const refusals = records.filter(({ message }) => message === 'connection refused')
    expect(refusals).toMatchObject([{ level: 'warn', client: '127.0.0.1', reason: 'the client sent no certificate' }])
  })

  test.each([
    [{ dns: 'a.example' }, 'a.example'],
    [{ ip: [10, 0, 0, 7] }, '10.0.0.7'],
    [{ ip: [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1] }, '2001:db8::1'],
    [{ email: 'ops@example.org' }, 'ops@example.org'],
    [{ uri: 'spiffe://cluster/ns/a,b' }, 'spiffe://cluster/ns/a,b'],
  ] as [AlternativeName, string][])('client_allowed_sans sees %j', async (name, allowed) => {
    const { cert, key } = clients.issueLeaf('client', [{ dns: 'first.example' }, name])
    expect(new X509Certificate(cert).subjectAltName).toBeDefined()
    const { url } = await start(
      tls('client_auth_type: RequireAndVerifyClientCert', ca, `client_allowed_sans: ["${allowed}"]`),
    )
    expect(await statusOf(url('/metrics'), { cert, key })).toBe(200)
    expect(await statusOf(url('/metrics'), known)).toBe('refused')
  })
})

describe('HTTP/2', () => {
  const slice = Buffer.alloc(64 * 1024, 'x')
  const slices = 400
  function* bigPage() {
    for (let i = 0; i < slices; i++) yield Buffer.from(slice)
  }

  test.each([
    ['', 'h2'],
    ['http_server_config:\n  http2: true', 'h2'],
    ['http_server_config:\n  http2: false', 'http/1.1'],
  ])('%j: ALPN agrees on %s', async (section, expected) => {
    const { port, url } = await start(`${tls()}\n${section}`)
    expect(await handshake(port, { ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ alpn: expected })
    expect(await statusOf(url('/metrics'))).toBe(200)
  })

  test('a page comes whole, at the pace of its reader, under the guards', async () => {
    const text = `${tls()}\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny`
    const { url, pages, scrapes } = await start(text, {}, bigPage)
    const stream = (await openHttp2(url('/'))).request({ ':path': '/metrics' })
    const [head] = await once(stream, 'response')
    expect(head).toMatchObject({ ':status': 200, 'content-type': 'test/text', 'x-frame-options': 'deny' })
    await vi.waitFor(() => expect(pages[0]?.taken).toBeGreaterThan(0))
    expect(pages[0]?.taken).toBeLessThan(slices / 2)
    expect((await buffer(stream)).length).toBe(slices * slice.length)
    await vi.waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'complete' }]))
  })

  test('a page ends when its client cancels it; the session continues', async () => {
    const { url, scrapes } = await start(tls(), {}, bigPage)
    const session = await openHttp2(url('/'))
    const leaving = session.request({ ':path': '/metrics' })
    await once(leaving, 'response')
    leaving.close(constants.NGHTTP2_CANCEL)
    await vi.waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'aborted' }]))
    const [head] = await once(session.request({ ':path': '/healthz' }), 'response')
    expect(head).toMatchObject({ ':status': 200 })
  })

  test('a client that does not read is disconnected after the write timeout', async () => {
    const { url, scrapes } = await start(tls(), { limits: { ...limits, writeMs: 200 } }, bigPage)
    const stream = (await openHttp2(url('/'))).request({ ':path': '/metrics' })
    stream.on('error', () => undefined)
    await once(stream, 'response')
    await vi.waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'timeout' }]), { timeout: 20_000 })
  })

  test('idle sessions make room for new ones, busy ones stay', async () => {
    const { url, pages } = await start(tls(), { limits: { ...limits, maxConnections: 3 } }, bigPage)
    const [busy, ...idle] = [await openHttp2(url('/')), await openHttp2(url('/'))]
    const page = busy?.request({ ':path': '/metrics' })
    await vi.waitFor(() => expect(pages).toHaveLength(1))
    for (const session of idle) {
      const probe = session.request({ ':path': '/healthz' })
      await buffer(probe)
    }
    const last = await openHttp2(url('/'))
    await vi.waitFor(() => expect(idle.map(({ destroyed }) => destroyed)).toEqual([true]), { timeout: 20_000 })
    expect((await buffer(last.request({ ':path': '/healthz' }))).toString()).toBe('OK\n')
    expect(page && (await buffer(page)).length).toBe(slices * slice.length)
  })

  test('sessions that become idle after the bound was reached make room as well', async () => {
    const { url } = await start(tls(), { limits: { ...limits, maxConnections: 3 } }, bigPage)
    const page = (await openHttp2(url('/'))).request({ ':path': '/metrics' })
    await once(page, 'response')
    await openHttp2(url('/'))
    await openHttp2(url('/'))
    await vi.waitFor(async () => expect(await statusOf(url('/healthz'))).toBe(200), { timeout: 20_000 })
    expect((await buffer(page)).length).toBe(slices * slice.length)
  })

  test('close cuts off what outlasts the grace', async () => {
    const { url, close, pages } = await start(tls(), {}, bigPage)
    const stream = (await openHttp2(url('/'))).request({ ':path': '/metrics' })
    stream.on('error', () => undefined)
    await once(stream, 'response')
    await close(50)
    await vi.waitFor(() => expect(pages).toMatchObject([{ ended: 1 }]))
  })
})

describe('passwords, headers and rate', () => {
  const users = `basic_auth_users:\n  alice: ${hashSync('sesame', 4)}`

  test('a password is asked for on every path of both ports', async () => {
    const { url, selfUrl, pages } = await start(`${tls()}\n${users}`)
    for (const address of [
      url('/metrics'),
      url('/'),
      url('/livez'),
      url('/nothing'),
      selfUrl('/metrics'),
      selfUrl('/readyz'),
    ]) {
      const refused = await ask(address)
      expect(refused).toMatchObject({ status: 401, body: 'unauthorized\n' })
      expect(refused.headers['www-authenticate']).toBe('Basic realm="kube-state-otlp", charset="UTF-8"')
      expect(await statusOf(address, { auth: 'alice:wrong' })).toBe(401)
    }
    expect(pages).toEqual([])
    expect(await statusOf(url('/metrics'), { auth: 'alice:sesame' })).toBe(200)
    expect(await statusOf(selfUrl('/readyz'), { auth: 'alice:sesame' })).toBe(200)
  })

  test('without TLS as well, as in the toolkit', async () => {
    const { metricsAddress } = await start(users)
    const url = `http://${metricsAddress.host}:${metricsAddress.port}/metrics`
    expect((await askPlain(url)).status).toBe(401)
    expect((await askPlain(url, { auth: 'alice:sesame' })).status).toBe(200)
  })

  test('headers are on every response, errors and pages included', async () => {
    const text =
      'http_server_config:\n  headers:\n    X-Content-Type-Options: nosniff\n    Strict-Transport-Security: max-age=60'
    const { metricsAddress } = await start(text)
    for (const path of ['/metrics', '/', '/nothing']) {
      const { headers } = await askPlain(`http://${metricsAddress.host}:${metricsAddress.port}${path}`)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'strict-transport-security': 'max-age=60' })
    }
  })

  test('more requests than the rate allows are answered 429, on each port for itself', async () => {
    const { metricsAddress, telemetryAddress } = await start('rate_limit:\n  interval: 1h\n  burst: 2')
    for (const { host, port } of [metricsAddress, telemetryAddress]) {
      const statuses = []
      for (let i = 0; i < 3; i++) statuses.push((await askPlain(`http://${host}:${port}/metrics`)).status)
      expect(statuses).toEqual([200, 200, 429])
    }
  })
})

describe('while it runs', () => {
  const peerOf = async (port: number): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    closers.push(() => socket.destroy())
    await once(socket, 'secureConnect')
    return socket.getPeerX509Certificate()?.toString() ?? ''
  }

  test('a new certificate is shown to new connections, without asking for it', async () => {
    const { port, telemetryAddress, write } = await start(tls(), { webConfigPollMs: 10 })
    const renewed = authority.issueLeaf('renewed')
    write('server.crt', renewed.cert)
    write('server.key', renewed.key)
    for (const at of [port, telemetryAddress.port]) {
      await vi.waitFor(async () => expect(await peerOf(at)).toBe(renewed.cert), { timeout: 20_000 })
    }
  })

  test('client certificates, versions, passwords and headers change; open connections live on', async () => {
    const { url, port, write, reloadWebConfig } = await start(tls())
    const session = await openHttp2(url('/'))
    expect(await statusOf(url('/metrics'))).toBe(200)
    write(
      'web.yml',
      `${tls('client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: ca.crt', 'max_version: TLS12')}
http_server_config:
  headers:
    X-Frame-Options: deny
`,
    )
    reloadWebConfig()
    expect(await statusOf(url('/metrics'))).toBe('refused')
    const known = { cert: client.cert, key: client.key }
    expect((await ask(url('/metrics'), known)).headers['x-frame-options']).toBe('deny')
    expect(await handshake(port, known)).toMatchObject({ version: 'TLSv1.2' })
    const [head] = await once(session.request({ ':path': '/healthz' }), 'response')
    expect(head).toMatchObject({ ':status': 200 })
    write('web.yml', tls())
    reloadWebConfig()
    expect(await statusOf(url('/metrics'))).toBe(200)
  })

  test('a session from before a change is not resumed into less than what is asked for now', async () => {
    const { port, write, reloadWebConfig, url } = await start(tls())
    const first = connect({ host: '127.0.0.1', port, ca: authority.cert, maxVersion: 'TLSv1.2' })
    const [session] = (await once(first, 'session')) as [Buffer]
    first.destroy()
    write('web.yml', tls('client_auth_type: RequireAnyClientCert'))
    reloadWebConfig()
    const resuming: RequestOptions & { session: Buffer } = { session, maxVersion: 'TLSv1.2' }
    expect(await statusOf(url('/metrics'), resuming)).toBe('refused')
  })

  test('an invalid file at the start keeps both servers from starting', async () => {
    const { path } = createWebFolder('tls_server_config: [1]\nlisten: 1')
    const failure = await startServers(() => [], { webConfigFile: path }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WebConfigError)
    expect((failure as Error).message.split('\n')).toHaveLength(2)
  })
})

test('on localhost every address is protected: Fastify opens a server for each', async () => {
  const options = { metricsListen: { host: 'localhost', port: 0 } }
  const { port } = await start(tls('client_auth_type: RequireAnyClientCert'), options)
  for (const host of ['127.0.0.1', '[::1]']) {
    expect(await statusOf(`https://${host}:${port}/metrics`, { rejectUnauthorized: false })).toBe('refused')
  }
})
