/** The API server answers 429 and 500, is slow, is cut at random bytes, and returns with an older etcd. */

import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { useRealCluster } from '../real-cluster.ts'
import type { ApiProxy } from './api-proxy.ts'
import { createApiProxy } from './api-proxy.ts'
import { createAuthority } from './certificates.ts'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import type { Replica } from './replica.ts'

const facts = inject('cluster')
let stack: FaultStack
let proxy: ApiProxy
let product: Replica
/** Reads over a plain network path instead of the proxy; replaces the other. */
let direct: Replica | undefined

beforeAll(async () => {
  stack = await startFaultStack({ facts, name: 'api' })
  const authority = createAuthority(join(stack.folder, 'pki'), 'front')
  proxy = await createApiProxy({ facts, certificate: authority.issue('server') })
  const kubeconfig = writeKubeconfig(join(stack.folder, 'proxy.kubeconfig'), {
    server: `https://127.0.0.1:${proxy.port}`,
    cluster: { 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') },
    user: { token: facts.token },
  })
  product = await stack.start('product', [], { kubeconfig })
  await stack.compare('at the start', [product])
})
afterAll(async () => {
  await stack?.stop()
  await proxy?.close()
})

/** Without a kubeconfig over a network path of its own. */
async function useDirect(kubeconfig?: string): Promise<Replica> {
  await product.peer.stop()
  await direct?.close()
  direct = await stack.start('direct', [], kubeconfig === undefined ? {} : { kubeconfig })
  await stack.compare('with the next process', [direct])
  onTestFinished(() => direct?.toApi.set('open'))
  return direct
}

const finish = async (scenario: string, replica: Replica, notes = '') => {
  const compared = await stack.compare(scenario, [replica])
  recordFault({ scenario, ...compared, notes })
  expect(compared.refused).toBe(0)
}

test.each([
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
  ['500', { status: 500 }],
])('the API server answers everything with %s for 20 s', async (name, answer) => {
  onTestFinished(() => proxy.answerWith(undefined))
  const before = proxy.counts.refused
  proxy.answerWith(answer)
  await stack.churnFor(20_000, answer.status)
  const refused = proxy.counts.refused - before
  proxy.answerWith(undefined)
  await finish(`API server answers ${name} for 20 s`, product, `${refused} requests got it`)
  expect(refused).toBeGreaterThan(2)
  expect(refused).toBeLessThan(500)
})

test('connections to the API server are slow, then cut at random bytes', async () => {
  const replica = await useDirect()
  await replica.toApi.set({ bytesPerChunk: 512 })
  await stack.churnFor(20_000, 31)
  await replica.toApi.set('open')
  await finish('API server slow: 512 bytes each 10 ms, for 20 s', replica)

  let cuts = 0
  await replica.toApi.set({
    cutAfter() {
      cuts++
      return Math.floor(Math.random() * 60_000)
    },
  })
  await stack.churnFor(25_000, 32)
  await replica.toApi.set('open')
  await finish('API server cut at random bytes for 25 s', replica, `${cuts} connections`)
  expect(cuts).toBeGreaterThan(2)
})

test.each([
  { connection: 'refused meanwhile', kubeconfig: facts.kubeconfig },
  // The watches end after the restore, and no request fails meanwhile.
  { connection: 'silent meanwhile', kubeconfig: undefined },
])('an older etcd is restored, connections are $connection', async ({ connection, kubeconfig }) => {
  const cluster = useRealCluster(facts)
  const replica = await useDirect(kubeconfig)
  await cluster.snapshot()
  await stack.compare('with the snapshot', [replica])
  const changes = await stack.churnFor(15_000, 33)
  await stack.compare('before the restore', [replica])
  if (kubeconfig === undefined) await replica.toApi.set('silent')
  await cluster.restoreSnapshot()
  await replica.toApi.set('open')
  await finish(`an older etcd restored, connections ${connection}`, replica, `${changes} changes undone`)
})
