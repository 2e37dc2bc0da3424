/**
 * `--auth-filter` on the real API server: the product with its derived permissions, and requests with tokens of
 * ServiceAccounts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { createRbac } from '../../src/inspect/rbac.ts'
import { createKubeClient } from './kube-client.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'

const facts = inject('cluster')
const admin = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'access-review-'))
const namespace = 'access-review'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
afterAll(() => {
  admin.close()
  rmSync(folder, { recursive: true })
})

async function createAccount(name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await admin.create(accounts, { metadata: { name } })
  const { body } = await admin.create(`${accounts}/${name}/token`, { spec: { expirationSeconds: 3600 } })
  return (body as { status: { token: string } }).status.token
}

const bind = (role: string, account: string) =>
  admin.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: `${role}-${account}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })

function writeKubeconfig(name: string, token: string): string {
  const path = join(folder, name)
  const cluster = { server: facts.apiUrl, 'certificate-authority-data': Buffer.from(facts.ca).toString('base64') }
  const users = [{ name: 'it', user: { token } }]
  const contexts = [{ name: 'it', context: { cluster: 'it', user: 'it' } }]
  const config = { apiVersion: 'v1', kind: 'Config', 'current-context': 'it', clusters: [{ name: 'it', cluster }] }
  writeFileSync(path, JSON.stringify({ ...config, users, contexts }))
  return path
}

/** Starts the product as the owner of a token; what its ports answer to tokens. */
async function startProduct(name: string, token: string) {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const flags = [
    `--kubeconfig=${writeKubeconfig(name, token)}`,
    '--auth-filter',
    '--resources=namespaces',
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
  ]
  const peer = startPeer(name, [process.execPath, 'bin/kube-state-otlp.js', ...flags], folder)
  // Not readiness: who may read nothing is never ready.
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/livez`)
  const ask = async (path: string, bearer?: string) => {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
    const statuses = []
    for (const at of [port, telemetryPort]) {
      const response = await fetch(`http://127.0.0.1:${at}${path}`, { headers })
      await response.arrayBuffer()
      statuses.push(response.status)
    }
    return statuses
  }
  return { peer, ask }
}

test('the API server decides who reads the metrics', async () => {
  await admin.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const [product, unprivileged, scraper, stranger] = [
    await createAccount('product'),
    await createAccount('unprivileged'),
    await createAccount('scraper'),
    await createAccount('stranger'),
  ]
  const rules = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]
  await admin.create(`${rbac}/clusterroles`, { metadata: { name: 'metrics-reader' }, rules })
  await bind('metrics-reader', 'scraper')
  const selection = {
    resources: ['namespaces'],
    metricAllowlist: [],
    metricDenylist: [],
    metricOptInList: [],
    labelsAllowList: new Map(),
    annotationsAllowList: new Map(),
    namespaces: [],
    namespacesDenylist: [],
    node: undefined,
    trackUnscheduledPods: false,
  }
  const account = { name: 'product', namespace }
  const roles = createRbac({ selection, name: 'reviewer', account, readsClusterId: false, reviewsAccess: true })
  for (const role of roles) {
    const { status } = await admin.create(`${rbac}/${role.kind.toLowerCase()}s`, role)
    expect(status).toBe(201)
  }

  const { ask, peer } = await startProduct('product', product)
  expect(await ask('/metrics')).toEqual([401, 401])
  expect(await ask('/metrics', 'nonsense')).toEqual([401, 401])
  expect(await ask('/metrics', stranger)).toEqual([403, 403])
  expect(await ask('/metrics', scraper)).toEqual([200, 200])
  expect(await ask('/livez')).toEqual([200, 200])
  await peer.stop()

  // Without the right to review, nobody is let in: neither the scraper nor the administrator.
  const without = await startProduct('unprivileged', unprivileged)
  expect(await without.ask('/metrics', scraper)).toEqual([503, 503])
  expect(await without.ask('/metrics', facts.token)).toEqual([503, 503])
  expect(await without.ask('/metrics')).toEqual([401, 401])
  await without.peer.stop()
})
