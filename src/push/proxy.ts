/**
 * The HTTP proxy through which a host is reached, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as Go reads them. Node.js
 * and grpc-js each have rules of their own: no networks in `NO_PROXY`, proxies for loopback, lower case only.
 */

import { BlockList, isIP } from 'node:net'

/** A proxy that speaks CONNECT. */
export interface Proxy {
  readonly address: string
  /** `user:password` */
  readonly credentials: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for a `host:port`; undefined for a direct connection. Throws a TypeError for a variable that is no
 * http:// URL, or whose login cannot be decoded.
 */
export function proxyFor(hostPort: string, tls: boolean, environment: Environment): Proxy | undefined {
  const url = proxyUrlFor(hostPort, tls, environment)
  if (url === undefined) return undefined
  if (url.protocol !== 'http:') throw new TypeError(`${variableName(tls)}: not the http:// URL of a proxy`)
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    address: `${url.hostname}:${url.port || 80}`,
    credentials: url.username === '' ? undefined : credentials,
  }
}

/** As `proxyFor`, for clients that know how to use a proxy with an https:// URL too. */
export function proxyUrlFor(hostPort: string, tls: boolean, environment: Environment): URL | undefined {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined
  const name = variableName(tls)
  const value = read(name)
  if (value === undefined || isExempt(hostPort, tls, read('NO_PROXY') ?? '')) return undefined
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TypeError(`${name}: not the http:// URL of a proxy`)
  }
  rejectLogin(url, name)
  return url
}

/** Clients decode the login of a proxy, and throw on what is not percent-encoded. */
function rejectLogin({ username, password }: URL, name: string): void {
  try {
    decodeURIComponent(username + password)
  } catch {
    throw new TypeError(`${name}: the login of the proxy is not percent-encoded`)
  }
}

const variableName = (tls: boolean) => (tls ? 'HTTPS_PROXY' : 'HTTP_PROXY')

/** Loopback never has a proxy; else NO_PROXY decides. */
function isExempt(hostPort: string, tls: boolean, exceptions: string): boolean {
  const target = splitPort(hostPort.toLowerCase())
  const host = { ...target, port: target.port ?? (tls ? '443' : '80') }
  if (host.name === 'localhost' || isIn(host.name, loopback)) return true
  return exceptions
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === '*' || isNetworkOf(host.name, entry) || isEntryOf(host, entry))
}

interface Host {
  /** An IPv6 address without brackets. */
  readonly name: string
  readonly port: string | undefined
}

function splitPort(text: string): Host {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\w*))?$/.exec(text) ?? []
  return { name: bracketed ?? plain ?? text, port }
}

/** `10.0.0.0/8` */
function isNetworkOf(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv6' ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family)
  return isIn(host, list)
}

/** An address, a host with all below it (`b.c`), or all below it alone (`.b.c`, `*.b.c`); each for one port, if it has one. */
function isEntryOf(host: Host, entry: string): boolean {
  const { name, port } = splitPort(entry)
  if (name === '' || (port !== undefined && port !== '' && port !== host.port)) return false
  if (isIP(name) !== 0) return isIn(host.name, addressList(name))
  const domain = name.startsWith('*.') ? name.slice(1) : name
  return domain.startsWith('.') ? host.name.endsWith(domain) : host.name === domain || host.name.endsWith(`.${domain}`)
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function addressList(address: string): BlockList {
  const list = new BlockList()
  list.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return list
}

/** False for names: only addresses are in a list. */
function isIn(host: string, list: BlockList): boolean {
  return isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}
