/** Throw-away certificates for TLS tests, made at run time so that no key is ever committed. */
import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...derLength(body.length)]), body])
}
/** The shortest form: Go rejects any other. */
const derLength = (length: number): readonly number[] => {
  if (length < 128) return [length]
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts)
const identifier = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const nameOf = (text: string) => sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(text)))))
const utcTime = (text: string) => der(0x17, Buffer.from(text))
const validity = sequence(utcTime('200101000000Z'), utcTime('491231235959Z'))
const yes = der(0x01, Buffer.from([0xff]))
const extension = (hex: string, value: Uint8Array) => sequence(identifier(hex), yes, der(0x04, value))
const authorityOnly = extension('551d13', sequence(yes))

/** A subject alternative name; addresses are bytes. */
export type AlternativeName = { dns: string } | { email: string } | { uri: string } | { ip: readonly number[] }

const loopback: AlternativeName = { ip: [127, 0, 0, 1] }

const encodeName = (name: AlternativeName): Buffer => {
  if ('ip' in name) return der(0x87, Buffer.from(name.ip))
  if ('dns' in name) return der(0x82, Buffer.from(name.dns))
  return 'email' in name ? der(0x81, Buffer.from(name.email)) : der(0x86, Buffer.from(name.uri))
}
const alternativeNames = (names: readonly AlternativeName[]) =>
  extension('551d11', sequence(...names.map((name) => encodeName(name))))

const pem = (bytes: Buffer) =>
  // No empty line where the last one is full: OpenSSL refuses that.
  [
    '-----BEGIN CERTIFICATE-----',
    ...(bytes.toString('base64').match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----',
    '',
  ].join('\n')

const issue = (subject: string, issuer: string, publicKey: KeyObject, issuerKey: KeyObject, extra: Buffer): string => {
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]))
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' })
  const names = [nameOf(issuer), validity, nameOf(subject)]
  const body = sequence(version, serial, ecdsaWithSha256, ...names, subjectKey, der(0xa3, sequence(extra)))
  const signature = sign('sha256', body, issuerKey)
  return pem(sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)))
}

/** A new authority; `issueLeaf` makes a key and a certificate for server or client use. All PEM. */
export const createAuthority = (name: string) => {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    cert: issue(name, name, authority.publicKey, authority.privateKey, authorityOnly),
    issueLeaf: (subject: string, names: readonly AlternativeName[] = [loopback]): { key: string; cert: string } => {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return {
        key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        cert: issue(subject, name, leaf.publicKey, authority.privateKey, alternativeNames(names)),
      }
    },
  }
}
