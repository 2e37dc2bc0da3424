/** Certificate authorities and certificates for one run, made with openssl. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM texts. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface Authority {
  /** The PEM text of its certificate. */
  readonly cert: string
  /** For 127.0.0.1 and localhost, or as a client with this name. */
  issue(name: string): Certificate
}

export function createAuthority(folder: string, name: string): Authority {
  mkdirSync(folder, { recursive: true })
  const path = (file: string) => join(folder, `${name}-${file}`)
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'ignore' })
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', path('key'), '-out', path('cert'), '-days', '2', '-subj', `/CN=${name}`)
  writeFileSync(path('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  return {
    cert: readFileSync(path('cert'), 'utf8'),
    issue(subject) {
      const own = (file: string) => path(`${subject}-${file}`)
      openssl('req', ...newKey, '-keyout', own('key'), '-out', own('request'), '-subj', `/CN=${subject}`)
      const signer = ['-CA', path('cert'), '-CAkey', path('key'), '-CAcreateserial', '-days', '2']
      openssl('x509', '-req', '-in', own('request'), ...signer, '-out', own('cert'), '-extfile', path('names'))
      return { key: readFileSync(own('key'), 'utf8'), cert: readFileSync(own('cert'), 'utf8') }
    },
  }
}
