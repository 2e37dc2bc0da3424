/** The web configuration file: its whole format, problems that are reported together, and changes. */
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { WebSettings } from '../../../src/server/web-config/web-config.ts'
import { createWebConfig, WebConfigError } from '../../../src/server/web-config/web-config.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { createAuthority } from '../../simulator/otlp/certificates.ts'
import { createWebFolder } from './files.ts'

const authority = createAuthority('web config authority')
const server = authority.issueLeaf('server')
const other = authority.issueLeaf('other')
const files = { 'server.crt': server.cert, 'server.key': server.key, 'ca.crt': authority.cert, 'other.key': other.key }
const hash = '$2y$10$abcdefghijklmnopqrstuuWzzfFWYZ3CQKbUwEYxLZwGPFwFbmCBa'

function open(text: string, options: { usesTokens?: boolean } = {}) {
  const folder = createWebFolder(text, files)
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const log = createLog({ level: 'info', format: 'json', destination })
  return { ...folder, records, config: createWebConfig({ path: folder.path, log, ...options }) }
}

/** The lines of the refusal, each without the folder. */
function problemsOf(text: string, options: { usesTokens?: boolean } = {}): string[] {
  try {
    open(text, options)
  } catch (error) {
    if (!(error instanceof WebConfigError)) throw error
    return error.message.split('\n').map((line) => line.replaceAll(/\/\S*\//g, ''))
  }
  return []
}

const tls = (...lines: string[]) =>
  ['tls_server_config:', '  cert_file: server.crt', '  key_file: server.key', ...lines.map((line) => `  ${line}`)].join(
    '\n',
  )
const indented = (pem: string) => pem.trimEnd().replaceAll(/^/gm, '    ')

describe('what a file says', () => {
  test('an empty file is plain HTTP for everybody', () => {
    expect(open('').config.current()).toEqual({
      tls: undefined,
      http2: true,
      headers: [],
      users: new Map(),
      rateLimit: undefined,
    })
  })

  test('every key is understood', () => {
    const { config } = open(`${tls(
      'client_ca_file: ca.crt',
      'client_auth_type: RequireAndVerifyClientCert',
      'client_allowed_sans: [prometheus.monitoring, "10.0.0.1"]',
      'min_version: TLS12',
      'max_version: TLS12',
      'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]',
      'prefer_server_cipher_suites: no',
      'curve_preferences: [CurveP384, X25519]',
    )}
http_server_config:
  http2: off
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1; mode=block
    Strict-Transport-Security: max-age=60
basic_auth_users:
  alice: ${hash}
  yes: ${hash}
rate_limit:
  interval: 250ms
  burst: 20
`)
    const { tls: secure, ...rest } = config.current()
    expect(secure?.clients).toEqual({ type: 'require-and-verify', allowedSans: ['prometheus.monitoring', '10.0.0.1'] })
    expect(secure?.context).toEqual({
      cert: server.cert,
      key: server.key,
      ca: authority.cert,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      honorCipherOrder: false,
      ciphers: [
        'TLS_AES_128_GCM_SHA256',
        'TLS_AES_256_GCM_SHA384',
        'TLS_CHACHA20_POLY1305_SHA256',
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        'ECDHE-RSA-CHACHA20-POLY1305',
      ].join(':'),
      ecdhCurve: 'P-384:X25519',
    })
    expect(rest).toEqual({
      http2: false,
      headers: [
        ['Content-Security-Policy', "default-src 'none'"],
        ['X-Frame-Options', 'deny'],
        ['X-Content-Type-Options', 'nosniff'],
        ['X-XSS-Protection', '1; mode=block'],
        ['Strict-Transport-Security', 'max-age=60'],
      ],
      users: new Map([
        ['alice', hash],
        ['yes', hash],
      ]),
      rateLimit: { intervalMs: 250, burst: 20 },
    })
  })

  test('certificate, key and client CA may stand in the file itself', () => {
    const { config } = open(
      [
        'tls_server_config:',
        `  cert: |\n${indented(server.cert)}`,
        `  key: |\n${indented(server.key)}`,
        `  client_ca: |\n${indented(authority.cert)}`,
        '  client_auth_type: VerifyClientCertIfGiven',
      ].join('\n'),
    )
    expect(config.current().tls?.context).toMatchObject({ cert: server.cert, key: server.key, ca: authority.cert })
  })

  test.each([
    ['NoClientCert', 'none'],
    ['RequestClientCert', 'request'],
    ['RequireAnyClientCert', 'require'],
    ['RequireClientCert', 'require'],
    ['VerifyClientCertIfGiven', 'verify-if-given'],
    ['RequireAndVerifyClientCert', 'require-and-verify'],
  ])('client_auth_type %s', (word, type) => {
    expect(open(tls(`client_auth_type: ${word}`)).config.current().tls?.clients.type).toBe(type)
  })

  test.each([
    ['interval: 1s', 1000],
    ['interval: 1m30s', 90_000],
    ['interval: 1000000', 1],
  ])('rate limit %s', (line, intervalMs) => {
    expect(open(`rate_limit:\n  ${line}\n  burst: 1`).config.current().rateLimit).toEqual({ intervalMs, burst: 1 })
  })

  test('an interval of 0 is no limit', () => {
    expect(open('rate_limit:\n  interval: 0').config.current().rateLimit).toBeUndefined()
  })
})

describe('what is refused', () => {
  test('everything that is wrong is said at once, with file and key', () => {
    const text = `
tls_server_config:
  cert_file: missing.crt
  client_auth_type: Sometimes
  min_version: SSL3
  cipher_suites: [TLS_ROT13]
  curve_preferences: P256
  colour: red
http_server_config:
  http2: perhaps
  headers:
    X-Frame-Options: allow
    Server: mine
basic_auth_users:
  alice: secret
rate_limit:
  interval: soon
  burst: many
listen: 8080
`
    expect(problemsOf(text)).toEqual([
      'web.yml: listen: expected a known key: tls_server_config, http_server_config, basic_auth_users, rate_limit',
      expect.stringMatching(/^web\.yml: tls_server_config\.colour: expected a known key: cert, cert_file, key, /),
      expect.stringMatching(/^web\.yml: tls_server_config\.client_auth_type: expected one of NoClientCert, /),
      'web.yml: tls_server_config.min_version: expected one of TLS10, TLS11, TLS12, TLS13',
      expect.stringMatching(/^web\.yml: tls_server_config\.cipher_suites\[0\]: expected one of TLS_ECDHE_ECDSA_/),
      'web.yml: tls_server_config.curve_preferences: expected a list',
      'web.yml: http_server_config.http2: expected true or false',
      expect.stringMatching(/^web\.yml: http_server_config\.headers\.Server: expected a known key: Content-Security-/),
      'web.yml: http_server_config.headers.X-Frame-Options: expected one of deny, sameorigin',
      'web.yml: rate_limit.interval: expected a duration with its unit, such as 1s or 250ms',
      'web.yml: rate_limit.burst: expected a whole number',
      'web.yml: tls_server_config.key_file: expected this or tls_server_config.key, since TLS is configured',
      expect.stringMatching(/^web\.yml: tls_server_config\.cert_file: expected a readable file: ENOENT/),
      'web.yml: basic_auth_users.alice: expected a password hashed by bcrypt',
    ])
  })

  test.each([
    ['junk', 'web.yml: expected a mapping of tls_server_config, http_server_config, basic_auth_users, rate_limit'],
    ['a: [', /^web\.yml: expected YAML: Flow sequence/],
    ['rate_limit: {}\nrate_limit: {}', /^web\.yml: expected YAML: Map keys must be unique/],
    ['tls_server_config:\n  min_version: TLS13', /cert_file: expected this or tls_server_config\.cert, since TLS/],
    [tls('cert: x'), 'web.yml: tls_server_config.cert_file: expected either this or tls_server_config.cert, not both'],
    [
      tls().replace('server.key', 'other.key'),
      'web.yml: tls_server_config.key_file: expected the private key of the certificate',
    ],
    [
      tls().replace('server.key', 'ca.crt'),
      'web.yml: tls_server_config.key_file: expected a private key in PEM without a passphrase',
    ],
    [
      tls().replace('server.crt', 'other.key'),
      'web.yml: tls_server_config.cert_file: expected certificates in PEM: it has no certificate',
    ],
    [tls('client_ca_file: ca.crt'), /client_ca_file: expected with a client_auth_type that requests certificates/],
    [tls('client_allowed_sans: [a]'), /client_allowed_sans: expected with a client_auth_type that requests/],
    [
      tls('min_version: TLS13', 'max_version: TLS12'),
      'web.yml: tls_server_config.min_version: expected at most max_version',
    ],
    [
      tls('cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]'),
      /cipher_suites: expected .* for HTTP\/2, or http2: false/,
    ],
    ['rate_limit:\n  interval: 1s', 'web.yml: rate_limit.burst: expected 1 or more: no request would pass'],
    [`basic_auth_users:\n  "a:b": ${hash}`, 'web.yml: basic_auth_users.a:b: expected a user name without a colon'],
    [
      'http_server_config:\n  headers:\n    X-XSS-Protection: "1\\r\\nSet-Cookie: a"',
      /X-XSS-Protection: expected text on one line/,
    ],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
  })

  test("a list without HTTP/2's cipher suite is right once HTTP/2 is off or TLS 1.3 alone is spoken", () => {
    const line = 'cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]'
    expect(problemsOf(`${tls(line)}\nhttp_server_config:\n  http2: false`)).toEqual([])
    expect(problemsOf(tls(line, 'min_version: TLS13'))).toEqual([])
  })

  test('passwords and tokens together: a request has one header for both', () => {
    expect(problemsOf(`basic_auth_users:\n  alice: ${hash}`, { usesTokens: true })).toEqual([
      'web.yml: basic_auth_users: expected none with auth_filter: a request cannot carry a password and a token',
    ])
  })

  test('no problem shows a key or a hash', () => {
    const secret = 'MIIEvQIBADANBgkqhkiG9w0'
    const shown = problemsOf(
      `tls_server_config:\n  cert: ${secret}\n  key: ${secret}\nbasic_auth_users:\n  alice: ${secret}`,
    )
    expect(shown).toHaveLength(3)
    expect(shown.join('\n')).not.toContain(secret)
  })
})

describe('a change of the files', () => {
  test('is applied when a named file changes, and nothing happens when none does', () => {
    const { config, write, records } = open(tls())
    const changes: WebSettings[] = []
    config.onChange((settings) => void changes.push(settings))
    config.reload()
    expect(changes).toEqual([])
    write('server.crt', other.cert)
    write('server.key', other.key)
    config.reload()
    config.reload()
    expect(changes.map(({ tls: secure }) => secure?.context.cert)).toEqual([other.cert])
    expect(config.current()).toBe(changes[0])
    expect(records).toMatchObject([{ level: 'info', message: 'web configuration reloaded' }])
  })

  test('that is wrong changes nothing, and is logged once with all problems', () => {
    const { config, write, records } = open(tls())
    const before = config.current()
    write('web.yml', 'rate_limit: [1]\nlisten: 8080\n')
    config.reload()
    config.reload()
    expect(config.current()).toBe(before)
    expect(records).toMatchObject([
      { level: 'error', problems: [/listen/, /rate_limit/].map((p) => expect.stringMatching(p)) },
    ])
    expect(records).toHaveLength(1)
    write('web.yml', tls())
    config.reload()
    expect(records).toHaveLength(2)
    expect(config.current().tls?.context).toEqual(before.tls?.context)
  })

  test('that is half of a rotation waits for the other half', () => {
    const { config, write, records } = open(tls())
    write('server.crt', other.cert)
    config.reload()
    expect(config.current().tls?.context.cert).toBe(server.cert)
    write('server.key', other.key)
    config.reload()
    expect(config.current().tls?.context.cert).toBe(other.cert)
    expect(records.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  test.each([
    [tls(), '', 'tls_server_config: turning TLS off needs a restart'],
    ['', tls(), 'tls_server_config: turning TLS on needs a restart'],
    [tls(), `${tls()}\nhttp_server_config:\n  http2: false`, 'http_server_config.http2: a change needs a restart'],
  ])('that a port cannot follow says so', (before, after, problem) => {
    const { config, path, write, records } = open(before)
    const settings = config.current()
    write(basename(path), after)
    config.reload()
    expect(config.current()).toBe(settings)
    expect(records).toMatchObject([{ level: 'error', problems: [`${path}: ${problem}`] }])
  })
})
