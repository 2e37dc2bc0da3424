/** The proxy of a host: the cases of Go's golang.org/x/net/http/httpproxy, as far as HTTP proxies go. */
import { describe, expect, test } from 'vitest'
import { proxyFor, proxyUrlFor } from '../../src/push/proxy.ts'

const environment = { HTTPS_PROXY: 'http://user:p%40ss@proxy:3128', http_proxy: 'plain:8080' }

test.each<[target: string, tls: boolean, more: Record<string, string>, address: string | undefined]>([
  ['otel:4317', true, {}, 'proxy:3128'],
  ['otel:4317', false, {}, 'plain:8080'],
  ['otel:4317', true, { HTTPS_PROXY: '', https_proxy: 'http://lower' }, 'lower:80'],
  ['otel:4317', true, { https_proxy: 'http://lower' }, 'proxy:3128'],
  ['otel:4317', true, { HTTPS_PROXY: '' }, undefined],
])('%s, TLS %s, %o: %s', (target, tls, more, address) => {
  expect(proxyFor(target, tls, { ...environment, ...more })?.address).toBe(address)
})

describe('NO_PROXY', () => {
  test.each<[host: string, exceptions: string, isExempt: boolean]>([
    ['otel:4317', '', false],
    ['otel:4317', ',', false],
    ['otel:4317', '*', true],
    ['otel:4317', 'a.b, otel', true],
    ['OTEL:4317', 'oTel', true],
    ['otel.a.b:4317', 'a.b', true],
    ['a.b:4317', 'a.b', true],
    ['otel.a.b:4317', '.a.b', true],
    ['a.b:4317', '.a.b', false],
    ['otel.a.b:4317', '*.a.b', true],
    ['a.b:4317', '*.a.b', false],
    ['otel.ab:4317', 'b', false],
    ['kubernetes.default.svc:443', '10.96.0.0/12,.svc', true],
    ['10.96.0.1:443', '10.96.0.0/12,.svc', true],
    ['10.112.0.1:443', '10.96.0.0/12,.svc', false],
    ['10.1.2.3:4317', '10.1.2.3', true],
    // Go takes anything that is no address for a domain.
    ['10.1.2.3:4317', '2.3', true],
    ['11.1.2.3:4317', '10.0.0.0/8,11.0.0.0/99', false],
    ['[fd00::1]:4317', 'fd00::/8', true],
    ['[fd00::1]:4317', 'fd00:0::1', true],
    ['[fd00::1]:4317', '[fd00::1]:4317', true],
    ['[fd00::1]:4317', '[fd00::1]:80', false],
    ['[::ffff:10.1.2.3]:4317', '10.0.0.0/8', true],
    ['otel:4317', 'otel:4317', true],
    ['otel:4317', 'otel:80', false],
    ['otel.a.b:4317', '.a.b:4317', true],
    ['otel', 'otel:443', true],
    ['10.1.2.3:4317', '10.1.2.3:4317', true],
    ['10.1.2.3:4317', '10.1.2.3:80', false],
    ['otel:4317', ':4317', false],
    // Whatever the exceptions: loopback has no proxy.
    ['localhost:4317', '', true],
    ['127.0.0.1:4317', '', true],
    ['127.1.2.3:4317', '', true],
    ['[::1]:4317', '', true],
    ['localhost.a:4317', '', false],
  ])('%s except for %j: exempt %s', (host, exceptions, isExempt) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      expect(proxyFor(host, true, { ...environment, [name]: exceptions }) === undefined).toBe(isExempt)
    }
  })
})

test('its login is decoded', () => {
  expect(proxyFor('otel:4317', true, environment)?.credentials).toBe('user:p@ss')
})

test('a proxy that is reached over TLS is left to clients that can use one', () => {
  expect(proxyUrlFor('otel:4317', true, { HTTPS_PROXY: 'https://proxy:1' })?.href).toBe('https://proxy:1/')
})

test.each(['https://proxy:1', 'socks5://proxy:1', 'http://'])('%s is none', (value) => {
  expect(() => proxyFor('otel:4317', true, { HTTPS_PROXY: value })).toThrow(
    'HTTPS_PROXY: not the http:// URL of a proxy',
  )
})

test('a login that cannot be decoded is named, not its text', () => {
  expect(() => proxyUrlFor('otel:4317', true, { HTTPS_PROXY: 'http://user:%zz@proxy:1' })).toThrow(
    'HTTPS_PROXY: the login of the proxy is not percent-encoded',
  )
})
