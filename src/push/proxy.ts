/**
 * Owns which HTTP proxy an endpoint is reached through, by the usual variables. grpc-js reads them in lower case only,
 * and takes HTTPS_PROXY for plain text as well: here the endpoint's scheme decides, and both spellings count.
 */

import { BlockList, isIP } from 'node:net'

/** A proxy that speaks CONNECT. */
export interface Proxy {
  readonly address: string
  /** `user:password` */
  readonly credentials: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for a `host:port`; undefined for a direct connection. Throws a TypeError for a variable that is no
 * http:// URL.
 */
export function proxyFor(hostPort: string, tls: boolean, environment: Environment): Proxy | undefined {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined
  const name = tls ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const value = read(name)
  if (value === undefined || isExcepted(hostPort, read('NO_PROXY') ?? '')) return undefined
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (url?.protocol !== 'http:') throw new TypeError(`${name}: not the http:// URL of a proxy`)
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    address: `${url.hostname}:${url.port || 80}`,
    credentials: url.username === '' ? undefined : credentials,
  }
}

/** Whether NO_PROXY names the host: by itself, by a domain above it, by a network, or with `*`. */
function isExcepted(hostPort: string, exceptions: string): boolean {
  const host = hostPort.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return exceptions
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => entry === '*' || isNamed(host, hostPort, entry) || isWithin(host, entry))
}

function isNamed(host: string, hostPort: string, entry: string): boolean {
  const domain = entry.replace(/^\*?\.?/, '')
  return domain !== '' && (host === domain || hostPort === domain || host.endsWith(`.${domain}`))
}

function isWithin(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(network) !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family)
  return list.check(host, family)
}
