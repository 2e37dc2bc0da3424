/** Certificates, the key of service account tokens, and users of a cluster: written once into its state folder. */

import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority } from '../../test/simulator/otlp/certificates.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { apiUrl, kubeconfigOf } from './cluster-settings.ts'

/** The token of the user that may do everything. */
export const adminToken = 'test-token'

export interface CredentialFiles {
  readonly ca: string
  readonly serverCert: string
  readonly serverKey: string
  /** The API server and the controller manager sign and verify service account tokens with it. */
  readonly serviceAccountKey: string
  /** `token,user,uid,"group"` on each line. */
  readonly tokens: string
}

export function credentialFiles(state: string): CredentialFiles {
  const file = (name: string) => join(state, 'pki', name)
  return {
    ca: file('ca.crt'),
    serverCert: file('tls.crt'),
    serverKey: file('tls.key'),
    serviceAccountKey: file('sa.key'),
    tokens: file('tokens.csv'),
  }
}

/** Does nothing if they exist. */
export function writeCredentials(settings: ClusterSettings): void {
  const files = credentialFiles(settings.state)
  if (existsSync(files.tokens)) return
  mkdirSync(join(settings.state, 'pki'), { recursive: true })
  const authority = createAuthority('cluster-authority')
  const names = [{ ip: [127, 0, 0, 1] }, { dns: 'localhost' }, { dns: 'kubernetes.default.svc' }]
  const server = authority.issueLeaf('kube-apiserver', names)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const write = (path: string, text: string | Buffer) => writeFileSync(path, text, { mode: 0o600 })
  write(files.ca, authority.cert)
  write(files.serverCert, server.cert)
  write(files.serverKey, server.key)
  write(files.serviceAccountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }))
  write(kubeconfigOf(settings), kubeconfig(apiUrl(settings), authority.cert))
  write(files.tokens, `${adminToken},admin,admin,"system:masters"\n`)
}

/** JSON, which is YAML too. */
function kubeconfig(server: string, ca: string): string {
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: adminToken } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  })
}
