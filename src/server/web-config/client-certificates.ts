/** Which client certificates a server accepts, with the meaning of Go's ClientAuthType. */

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ClientAuthType } from './format.ts'

export interface ClientPolicy {
  readonly type: ClientAuthType
  /** A certificate must have one of these subject alternative names; undefined is no such demand. */
  readonly allowedSans: readonly string[] | undefined
}

/** Why the client at the other end of `socket` is refused; undefined when it is accepted. */
export function refusalOf(socket: TLSSocket, { type, allowedSans }: ClientPolicy): string | undefined {
  if (type === 'none') return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    const isRequired = type === 'require' || type === 'require-and-verify' || allowedSans !== undefined
    return isRequired ? 'the client sent no certificate' : undefined
  }
  const isVerified = type === 'verify-if-given' || type === 'require-and-verify'
  if (isVerified && !socket.authorized) return `the client certificate is not valid: ${socket.authorizationError}`
  if (allowedSans === undefined) return undefined
  const names = alternativeNames(certificate)
  return names.some((name) => allowedSans.includes(name))
    ? undefined
    : 'the client certificate has none of client_allowed_sans'
}

/** DNS names, IP addresses, e-mail addresses and URIs of a certificate. */
export function alternativeNames({ subjectAltName = '' }: Pick<X509Certificate, 'subjectAltName'>): string[] {
  // Node.js quotes a name as JSON text when it has a comma or the like in it.
  const entries = subjectAltName.matchAll(/(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)
  return [...entries].map(([, kind, name = '']) => {
    const plain = name.startsWith('"') ? (JSON.parse(name) as string) : name
    return kind === 'IP Address' ? canonicalAddress(plain) : plain
  })
}

/** Go writes IPv6 addresses in lower case with the longest run of zeros as `::`; OpenSSL writes all eight groups. */
function canonicalAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}
