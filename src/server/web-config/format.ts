/** The format of the web configuration file, as Prometheus' exporter-toolkit 0.17 defines it. */

import type { SecureVersion } from 'node:tls'
import { parseDocument } from 'yaml'
import type { Field, Report } from './fields.ts'
import { boolean, choice, duration, list, mapping, scalar, text, texts, wholeNumber } from './fields.ts'

/** Go's names of the protocol versions, as node:tls has them. */
const versions = new Map<string, SecureVersion>([
  ['TLS10', 'TLSv1'],
  ['TLS11', 'TLSv1.1'],
  ['TLS12', 'TLSv1.2'],
  ['TLS13', 'TLSv1.3'],
])

/** Go's names of the curves, as OpenSSL has them. */
const curves = new Map([
  ['CurveP256', 'P-256'],
  ['CurveP384', 'P-384'],
  ['CurveP521', 'P-521'],
  ['X25519', 'X25519'],
])

const ephemeral = ['ECDSA', 'RSA'].flatMap((signature): [string, string][] => [
  [`TLS_ECDHE_${signature}_WITH_AES_128_CBC_SHA`, `ECDHE-${signature}-AES128-SHA`],
  [`TLS_ECDHE_${signature}_WITH_AES_256_CBC_SHA`, `ECDHE-${signature}-AES256-SHA`],
  [`TLS_ECDHE_${signature}_WITH_AES_128_GCM_SHA256`, `ECDHE-${signature}-AES128-GCM-SHA256`],
  [`TLS_ECDHE_${signature}_WITH_AES_256_GCM_SHA384`, `ECDHE-${signature}-AES256-GCM-SHA384`],
  [`TLS_ECDHE_${signature}_WITH_CHACHA20_POLY1305_SHA256`, `ECDHE-${signature}-CHACHA20-POLY1305`],
])
const always = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** Go's names of the cipher suites that it does not hold insecure, as OpenSSL has them. */
const cipherSuites = new Map([...ephemeral, ...always.map((name): [string, string] => [name, name])])

/** What a server demands of client certificates. */
export type ClientAuthType = 'none' | 'request' | 'require' | 'verify-if-given' | 'require-and-verify'

const clientAuthTypes = new Map<string, ClientAuthType>([
  ['NoClientCert', 'none'],
  ['RequestClientCert', 'request'],
  ['RequireAnyClientCert', 'require'],
  ['VerifyClientCertIfGiven', 'verify-if-given'],
  ['RequireAndVerifyClientCert', 'require-and-verify'],
  // The toolkit's older name.
  ['RequireClientCert', 'require'],
])

const frameOptions = new Map(['deny', 'sameorigin'].map((word) => [word, word]))
const sniffOptions = new Map([['nosniff', 'nosniff']])
/** A line break would end the header. */
const headerValue: Field<string> = scalar('text on one line, of visible ASCII characters', (input) =>
  /^[\t\x20-\x7e]*$/.test(input) ? input : undefined,
)

const tlsServer = mapping({
  cert: text,
  cert_file: text,
  key: text,
  key_file: text,
  client_ca: text,
  client_ca_file: text,
  client_auth_type: choice(clientAuthTypes),
  client_allowed_sans: list(text),
  min_version: choice(versions),
  max_version: choice(versions),
  cipher_suites: list(choice(cipherSuites)),
  prefer_server_cipher_suites: boolean,
  curve_preferences: list(choice(curves)),
})

const webConfig = mapping({
  tls_server_config: tlsServer,
  http_server_config: mapping({
    http2: boolean,
    headers: mapping({
      'Content-Security-Policy': headerValue,
      'X-Frame-Options': choice(frameOptions),
      'X-Content-Type-Options': choice(sniffOptions),
      'X-XSS-Protection': headerValue,
      'Strict-Transport-Security': headerValue,
    }),
  }),
  basic_auth_users: texts,
  rate_limit: mapping({ interval: duration, burst: wholeNumber }),
})

/** The section on TLS, each value as node:tls takes it. */
export type TlsSection = ReturnType<typeof tlsServer>

/** The sections of a file; unset ones are there without values. */
export type WebConfigFile = ReturnType<typeof webConfig>

/** Reads the text of a file. Undefined when it is no YAML; all that is wrong is reported. */
export function parseWebConfig(source: string, report: Report): WebConfigFile | undefined {
  // Without a schema: what a value means is for its field, so that a password such as 0123 keeps its digits.
  const document = parseDocument(source, { schema: 'failsafe' })
  for (const { message } of document.errors) report('', `expected YAML: ${message.split('\n', 1)[0]}`)
  return document.errors.length > 0 ? undefined : webConfig(document.toJS(), '', report)
}
