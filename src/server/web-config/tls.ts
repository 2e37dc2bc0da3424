/** TLS of the servers: certificate, key, client CAs and limits of the protocol, checked as a whole. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { SecureContextOptions, SecureVersion } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { ClientPolicy } from './client-certificates.ts'
import type { Report } from './fields.ts'
import type { TlsSection } from './format.ts'

export interface TlsSettings {
  /** For `tls.Server.setSecureContext`. */
  readonly context: SecureContextOptions
  readonly clients: ClientPolicy
}

/** Reads a file that the configuration names, relative to its folder. Throws as `readFileSync` does. */
export type ReadNamedFile = (path: string) => Buffer

const section = 'tls_server_config'

/** The settings of the section; undefined when it is empty, which is plain HTTP, or wrong, which is reported. */
export function readTls(tls: TlsSection, readFile: ReadNamedFile, report: Report): TlsSettings | undefined {
  if (Object.values(tls).every((value) => value === undefined)) return undefined
  const material = readMaterial(tls, readFile, report)
  const clients = { type: tls.client_auth_type ?? 'none', allowedSans: tls.client_allowed_sans }
  checkClients(clients, material.ca !== undefined, report)
  const { cert, key, ca } = material
  if (cert === undefined || key === undefined) return undefined
  const context = { cert, key, ...(ca && { ca }), ...readProtocol(tls, report) }
  return isUsable(context, report) ? { context, clients } : undefined
}

function readMaterial(tls: TlsSection, readFile: ReadNamedFile, report: Report) {
  const read = (name: 'cert' | 'key' | 'client_ca') => {
    const inline = tls[name]
    const path = tls[`${name}_file`]
    if (inline !== undefined && path !== undefined) {
      return report(`${section}.${name}_file`, `expected either this or ${section}.${name}, not both`)
    }
    if (path === undefined) return inline
    try {
      return readFile(path).toString()
    } catch (error) {
      return report(`${section}.${name}_file`, `expected a readable file: ${(error as Error).message}`)
    }
  }
  for (const name of ['cert', 'key'] as const) {
    if (tls[name] === undefined && tls[`${name}_file`] === undefined) {
      report(`${section}.${name}_file`, `expected this or ${section}.${name}, since TLS is configured`)
    }
  }
  const keyOf = (name: 'cert' | 'key' | 'client_ca') => `${section}.${tls[name] === undefined ? `${name}_file` : name}`
  const cert = checkCertificates(read('cert'), keyOf('cert'), report)
  const key = checkKey(read('key'), keyOf('key'), report)
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    report(keyOf('key'), 'expected the private key of the certificate')
  }
  return { cert, key, ca: checkCertificates(read('client_ca'), keyOf('client_ca'), report) }
}

/** PEM with one certificate or more. */
function checkCertificates(pem: string | undefined, key: string, report: Report): string | undefined {
  if (pem === undefined) return undefined
  try {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    if (blocks === null) throw new Error('it has no certificate')
    for (const block of blocks) new X509Certificate(block)
    return pem
  } catch (error) {
    return report(key, `expected certificates in PEM: ${(error as Error).message}`)
  }
}

function checkKey(pem: string | undefined, key: string, report: Report): string | undefined {
  if (pem === undefined) return undefined
  try {
    createPrivateKey(pem)
    return pem
  } catch {
    // The message of OpenSSL does not help operators.
    return report(key, 'expected a private key in PEM without a passphrase')
  }
}

function checkClients({ type, allowedSans }: ClientPolicy, hasAuthorities: boolean, report: Report): void {
  if (type !== 'none') return
  const message = 'expected with a client_auth_type that requests certificates, such as RequireAndVerifyClientCert'
  if (hasAuthorities) report(`${section}.client_ca_file`, message)
  if (allowedSans !== undefined) report(`${section}.client_allowed_sans`, message)
}

const ascending: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

function readProtocol(tls: TlsSection, report: Report): SecureContextOptions {
  const minVersion = tls.min_version ?? 'TLSv1.2'
  const maxVersion = tls.max_version ?? 'TLSv1.3'
  if (ascending.indexOf(minVersion) > ascending.indexOf(maxVersion)) {
    report(`${section}.min_version`, `expected at most max_version`)
  }
  // OpenSSL serves the versions before 1.2 at its lowest security level alone.
  const level = ascending.indexOf(minVersion) < 2 ? ':@SECLEVEL=0' : ''
  const ciphers = cipherList(tls.cipher_suites)
  return {
    minVersion,
    maxVersion,
    honorCipherOrder: tls.prefer_server_cipher_suites ?? true,
    ...((ciphers || level) && { ciphers: `${ciphers || 'DEFAULT'}${level}` }),
    ...(tls.curve_preferences?.length && { ecdhCurve: tls.curve_preferences.join(':') }),
  }
}

/** As in Go, a list limits TLS 1.2 and before; the suites of TLS 1.3 are always there. */
function cipherList(suites: readonly string[] | undefined): string {
  if (!suites?.length) return ''
  const always = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
  return [...always, ...suites.filter((suite) => !always.includes(suite))].join(':')
}

/** What no check above has found, OpenSSL finds. */
function isUsable(context: SecureContextOptions, report: Report): boolean {
  try {
    createSecureContext(context)
    return true
  } catch (error) {
    report(section, `expected settings that OpenSSL accepts: ${(error as Error).message}`)
    return false
  }
}
