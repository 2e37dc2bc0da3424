/** The certificate authority of the API server, the token and the client certificate are replaced while the product runs. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { createApiProxy } from './api-proxy.ts'
import type { Authority, Certificate } from './certificates.ts'
import { createAuthority } from './certificates.ts'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import type { Replica } from './replica.ts'

const facts = inject('cluster')
const account = 'rotating'
let stack: FaultStack
let front: Authority

beforeAll(async () => {
  stack = await startFaultStack({ facts, name: 'credentials' })
  front = createAuthority(join(stack.folder, 'pki'), 'front')
})
afterAll(() => stack?.stop())

const fileOf = (name: string) => join(stack.folder, name)
const write = (name: string, content: string) => {
  writeFileSync(fileOf(name), content)
  return fileOf(name)
}
const writePair = (name: string, { cert, key }: Certificate) => ({
  'client-certificate': write(`${name}.crt`, cert),
  'client-key': write(`${name}.key`, key),
})

async function startProxy(certificate: Certificate, clientAuthority?: string) {
  const proxy = await createApiProxy({ facts, certificate, ...(clientAuthority ? { clientAuthority } : {}) })
  onTestFinished(() => proxy.close())
  return proxy
}

/** Stopped with the test, so that no two push at the same time. */
async function start(name: string, kubeconfig: string): Promise<Replica> {
  const product = await stack.start(name, [], { kubeconfig })
  onTestFinished(() => product.close())
  await stack.compare('before the rotation', [product])
  return product
}

async function finish(scenario: string, product: Replica): Promise<void> {
  const compared = await stack.compare(scenario, [product])
  recordFault({ scenario, ...compared })
  expect(compared.refused).toBe(0)
}

test('the authority of the API server is replaced, first at the server', async () => {
  const proxy = await startProxy(front.issue('before'))
  const kubeconfig = writeKubeconfig(fileOf('authority.kubeconfig'), {
    server: `https://127.0.0.1:${proxy.port}`,
    cluster: { 'certificate-authority': write('ca.crt', front.cert) },
    user: { token: facts.token },
  })
  const product = await start('authority', kubeconfig)
  const next = createAuthority(join(stack.folder, 'pki'), 'next')
  proxy.present(next.issue('after'))
  await stack.churnFor(10_000, 41)
  write('ca.crt', next.cert)
  await finish('authority of the API server replaced (10 s without trust)', product)
})

test('the client certificate is replaced, with its authority', async () => {
  const authorities = ['first', 'second'].map((name) => createAuthority(join(stack.folder, 'pki'), name))
  const [first, second] = authorities as [Authority, Authority]
  const serving = front.issue('serving')
  const proxy = await startProxy(serving, first.cert)
  const kubeconfig = writeKubeconfig(fileOf('client.kubeconfig'), {
    server: `https://127.0.0.1:${proxy.port}`,
    cluster: { 'certificate-authority': write('serving-ca.crt', front.cert) },
    user: writePair('client', first.issue('client')),
  })
  const product = await start('client', kubeconfig)
  proxy.present(serving, second.cert)
  await stack.churnFor(10_000, 42)
  writePair('client', second.issue('client'))
  await finish('client certificate replaced (10 s without a valid one)', product)
})

const namespaced = (path: string) => `/api/v1/namespaces/${stack.namespaces[0]}/${path}`

/** A token of a service account that is valid as long as a Secret exists, and the deletion of that. */
async function createToken(secret: string) {
  const { client } = stack
  const { body } = await client.create(namespaced('secrets'), { metadata: { name: secret } })
  const { uid } = (body as { metadata: { uid: string } }).metadata
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: secret, uid }
  const answer = await client.create(namespaced(`serviceaccounts/${account}/token`), { spec: { boundObjectRef } })
  const { status } = answer.body as { status: { token: string } }
  return { token: status.token, revoke: () => client.delete(namespaced(`secrets/${secret}`)) }
}

test('the token is replaced: before it is revoked, and after', async () => {
  const { client, namespaces } = stack
  await client.create(namespaced('serviceaccounts'), { metadata: { name: account } })
  await client.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: `faults-${account}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: namespaces[0] }],
  })
  onTestFinished(async () => {
    await client.delete(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/faults-${account}`)
  })
  const [a, b, c] = [await createToken('token-a'), await createToken('token-b'), await createToken('token-c')]
  const kubeconfig = writeKubeconfig(fileOf('token.kubeconfig'), {
    server: facts.apiUrl,
    cluster: { 'certificate-authority-data': Buffer.from(facts.ca).toString('base64') },
    user: { tokenFile: write('token', a.token) },
  })
  const product = await start('token', kubeconfig)
  write('token', b.token)
  await a.revoke()
  await sleep(12_000) // the API server caches the validity of a token for 10 s
  await b.revoke()
  await stack.churnFor(20_000, 43)
  write('token', c.token)
  await finish('token replaced in time, then revoked before it is replaced', product)
})
